import { spawn } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Root of the checkout. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

const bins = {
  gantry: 'packages/pipeline/dist/bin.js',
  'gantry-extract': 'packages/extract/dist/bin.js',
  'gantry-normalize': 'packages/normalize/dist/bin.js',
  'gantry-load': 'packages/load/dist/bin.js',
}

/** A folder of its own for a test; it is left there, so that a failure can be looked at. */
export function testFolder(name) {
  return mkdtemp(join(tmpdir(), `gantry-${name}-`))
}

/**
 * Runs one of the built commands in a process, with the data folder and the current folder inside `home`.
 *
 * @param options  `env`, `input` for standard input, `keepInputOpen` where `onStart` writes it, `uid`, `onStart` called with the child
 */
export function run(bin, args, home, options = {}) {
  return runNode([join(root, bins[bin]), ...args], home, options)
}

/** Runs Node itself, in the same surroundings. */
export function runNode(args, home, { env = {}, input, keepInputOpen = false, uid, onStart } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: home,
      env: { ...process.env, DLT_DATA_DIR: home, LOG_LEVEL: 'warn', NO_COLOR: '1', ...env },
      stdio: [input === undefined && !keepInputOpen ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
    if (input !== undefined) child.stdin.end(input)
    onStart?.(child)
  })
}
