import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { query } from '../support/duckdb.mjs'
import { root, runNode, testFolder } from '../support/gantry.mjs'
import { serveShop } from '../support/shop-api.mjs'

/** The API that pages speak of; a local one takes its place. */
const shopUrl = 'https://shop.example/api'

it('docs/stages.md does what it says: its blocks run in order in one shell', async () => {
  const home = await testFolder('docs')
  const text = await readFile(join(root, 'docs/stages.md'), 'utf8')
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block as string)
  expect(blocks.length).toBeGreaterThan(8)
  const script = blocks
    // The checkout under test is installed and built already.
    .filter((block) => !block.includes('npm ci'))
    .join('\n')
    .replaceAll('$PWD/.gantry-data', home)
    .replaceAll('.gantry-data', home)
  const { code, output } = await bash(script)
  expect(code, output).toBe(0)
  const count = async (database: string, table: string): Promise<unknown> =>
    (
      await query(join(home, 'stages', `${database}.duckdb`), `SELECT count(*) FROM ${database}_dataset.${table}`)
    )[0]?.[0]
  expect(await count('github', 'events')).toBe('100')
  expect(await count('github', 'notes')).toBe('2')
  expect(await count('moving', 'events')).toBe('100')
  expect(await count('killed', 'events')).toBe('100')
  expect(await count('broken', 'broken')).toBe('2')
  expect(output).toContain('exit code 75')
  expect(output).toContain('exit code 1')
  expect(output).toContain('broken.jsonl, line 2')
})

function bash(script: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-e'], { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
    child.stdin.end(script)
  })
}

/** What is to be seen of the commands of a page, besides that they succeed. */
const commandsSay: Readonly<Record<string, readonly string[]>> = {
  'destinations.md': ['lake.duckdb', 'north.duckdb', 'into dataset None', 'notes 2\n'],
  'inspect.md': ['Pipeline shop\n', 'Removed:\n  package '],
}

const pages = [
  'configuration.md',
  'declare.md',
  'destinations.md',
  'incremental.md',
  'inspect.md',
  'resources.md',
  'rest-api.md',
  'state.md',
]

describe.each(pages)('docs/%s says what its programs print', (page) => {
  let home: string
  let shop: Awaited<ReturnType<typeof serveShop>>
  beforeAll(async () => {
    shop = await serveShop()
    // Inside the checkout, so that the programs find its packages.
    await mkdir(join(root, '.gantry-data'), { recursive: true })
    home = await mkdtemp(join(root, '.gantry-data', 'docs-'))
  })
  afterAll(async () => {
    await shop.close()
    await rm(home, { recursive: true, force: true })
  })

  const text = readFileSync(join(root, 'docs', page), 'utf8')
  const programs = [...text.matchAll(/^```js\n(.*?)^```\n\n```text\n(.*?)^```/gms)].map(([, source, output], at) => ({
    at: at + 1,
    source: source as string,
    output: output as string,
  }))

  it('and each program says it', () => {
    expect(programs).toHaveLength(text.match(/^```js$/gm)?.length ?? 0)
    expect(programs.length).toBeGreaterThan(3)
  })

  it.each(programs)('program $at', async ({ at, source, output }) => {
    const file = join(home, `program-${at}.mjs`)
    await writeFile(file, source.replaceAll(shopUrl, shop.url))
    const { code, stdout, stderr } = await runNode([file], home)
    expect(code, stderr).toBe(0)
    expect(stdout.replaceAll(shop.url, shopUrl)).toBe(output)
  })

  const commands = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block as string)
  it.skipIf(commands.length === 0)('its commands work on what the programs left', async () => {
    const { code, output } = await bash(`export DLT_DATA_DIR='${home}'\n${commands.join('\n')}`)
    expect(code, output).toBe(0)
    for (const said of commandsSay[page] ?? []) expect(output).toContain(said)
  })
})
