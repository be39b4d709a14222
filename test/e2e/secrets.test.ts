import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run, runNode, testFolder } from '../support/gantry.mjs'
import { startPostgres, type TestPostgres } from '../support/postgres.mjs'

/*
 * Secrets of every kind are planted in every place; whatever Gantry then writes or prints is searched for them.
 */

const planted = [
  'env-passw0rd',
  'toml-passw0rd',
  'code-passw0rd',
  'tok-environment-1',
  'tok-toml-2',
  'tok-code-3',
  'tok-vault-4',
]

let server: TestPostgres
beforeAll(async () => (server = await startPostgres()))
afterAll(() => server.stop())

let home: string
beforeAll(async () => {
  home = await testFolder('secrets')
  await mkdir(join(home, '.dlt'))
  await writeFile(join(home, 'orders.jsonl'), '{"id":1,"lines":[{"sku":"a"}]}\n')
})

/** Everything in the folder but what the test itself has put there. */
async function written(): Promise<string> {
  const texts: string[] = []
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.parentPath.endsWith('.dlt') || entry.name.endsWith('.mjs')) continue
    texts.push(await readFile(join(entry.parentPath, entry.name), 'latin1'))
  }
  return texts.join('\n')
}

function expectNoSecret(text: string): void {
  for (const secret of planted) expect(text.includes(secret), `${secret} in: ${around(text, secret)}`).toBe(false)
}

function around(text: string, secret: string): string {
  const at = text.indexOf(secret)
  return at === -1 ? '' : text.slice(Math.max(0, at - 200), at + 100)
}

/** A URL with the right place and a wrong password, or at a port where nobody answers. */
function url(password: string, isReachable: boolean): string {
  const { hostname, port } = new URL(server.url)
  return `postgresql://nobody:${password}@${hostname}:${isReachable ? port : 9}/shop?connect_timeout=5`
}

describe.each([true, false])('no secret is written or printed, with a server that answers: %s', (isReachable) => {
  it('of the environment, by the commands', async () => {
    const env = {
      DESTINATION__POSTGRES__CREDENTIALS: url('env-passw0rd', isReachable),
      SOURCES__API_KEY: 'tok-environment-1',
      LOG_LEVEL: 'trace',
      GANTRY_DEBUG: '1',
    }
    const flags = ['--destination', 'postgres', '--pipeline-name', 'env']
    const ran = await run('gantry', ['run', 'orders.jsonl', ...flags], home, { env })
    await run('gantry', ['extract', 'orders.jsonl', ...flags], home, { env })
    await run('gantry', ['normalize', ...flags], home, { env })
    const loaded = await run('gantry', ['load', ...flags], home, { env })
    expect([ran.code, loaded.code]).not.toContain(0)
    expect(loaded.stderr).toMatch(/postgres/i)
    const trace = await run('gantry', ['pipeline', 'env', 'trace', '--verbosity', '2'], home, { env })
    const info = await run('gantry', ['pipeline', 'env', 'info'], home, { env })
    expect([trace.code, info.code]).toEqual([0, 0])
    for (const { stdout, stderr } of [ran, loaded, trace, info]) expectNoSecret(stdout + stderr)
    expectNoSecret(await written())
  })

  it('of TOML files, code and a vault, by the library', async () => {
    await writeFile(
      join(home, '.dlt', 'secrets.toml'),
      `[destination.postgres.credentials]\npassword = "toml-passw0rd"\n[sources]\napi_key = "tok-toml-2"\n`,
    )
    const { hostname, port } = new URL(server.url)
    const place = { host: hostname, port: isReachable ? Number(port) : 9, database: 'shop', username: 'nobody' }
    await writeFile(
      join(home, 'program.mjs'),
      `import { inspect } from 'node:util'
import { destinations, documentProvider, pipeline, Secret, secrets } from '${import.meta.resolve('gantry')}'
const vault = documentProvider('vault', { sources: { other_key: 'tok-vault-4' } }, { supportsSecrets: true })
const place = ${JSON.stringify(place)}
for (const credentials of [place, { ...place, password: 'code-passw0rd' }, ${JSON.stringify(url('code-passw0rd', isReachable))}]) {
  const p = pipeline({
    pipelineName: 'code',
    destination: destinations.postgres(credentials),
    config: { 'sources.third_key': 'tok-code-3' },
    configProviders: [vault],
  })
  const error = await p.run([{ id: 1 }], { tableName: 'orders' }).then(() => undefined, (error) => error)
  if (error === undefined) throw new Error('it loaded')
  console.log(inspect(error, { depth: 9 }), String(error), JSON.stringify(error), JSON.stringify(p.lastTrace))
  await p.dropPendingPackages()
}
console.log(new Secret(secrets.get('sources.api_key')), \`\${new Secret('tok-code-3')}\`)
`,
    )
    const { code, stdout, stderr } = await runNode(['program.mjs'], home, { env: { LOG_LEVEL: 'trace' } })
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('PipelineStepFailed')
    expectNoSecret(stdout + stderr)
    expectNoSecret(await written())
  })
})
