import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text as buffered } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { pipeline } from 'gantry'
import { query } from '../support/duckdb.mjs'
import { root, run, testFolder } from '../support/gantry.mjs'

let home: string
beforeEach(async () => {
  home = await testFolder('schema-files')
})
afterEach(() => rm(home, { recursive: true, force: true }))

const typesOf = async (table: string, dataset = 'shop_dataset'): Promise<unknown> =>
  Object.fromEntries(
    (await query(
      join(home, 'shop.duckdb'),
      `SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = '${dataset}' ` +
        `AND table_name = '${table}' AND column_name NOT LIKE '\\_dlt%' ESCAPE '\\' ORDER BY ordinal_position`,
    )) as [string, string][],
  )
const flags = ['--pipeline-name', 'shop']
const folders = ['--import-schema-path', 'import', '--export-schema-path', 'export']

it('the first run writes the schema to edit; what is edited there holds from the next run on, with a warning', async () => {
  await writeFile(join(home, 'items.jsonl'), '{"id":1,"price":"1.50"}\n')
  const first = await run('gantry', ['run', 'items.jsonl', ...flags, ...folders], home)
  expect(first.code, first.stderr).toBe(0)
  expect(await readFile(join(home, 'export/shop.schema.yaml'), 'utf8')).toContain(
    '      price:\n        data_type: text\n',
  )
  const path = join(home, 'import/shop.schema.yaml')
  const begun = await readFile(path, 'utf8')
  expect(begun).toContain('  items:\n    columns: {}\n')
  await writeFile(
    path,
    begun.replace(
      '  items:\n    columns: {}\n',
      '  items:\n    columns:\n      cost:\n        data_type: decimal\n        precision: 10\n        scale: 2\n',
    ),
  )

  await writeFile(join(home, 'items.jsonl'), '{"id":2,"cost":"2.50"}\n')
  const second = await run('gantry', ['run', 'items.jsonl', ...flags, ...folders], home)
  expect(second.code, second.stderr).toBe(0)
  expect(second.stderr).toContain(`The stored schema \\"shop\\" was replaced by ${path}, which has changed`)
  expect(await typesOf('items')).toEqual({ id: 'BIGINT', price: 'VARCHAR', cost: 'DECIMAL(10,2)' })
  expect(await query(join(home, 'shop.duckdb'), 'SELECT cost FROM shop_dataset.items WHERE id = 2')).toEqual([['2.50']])

  const third = await run('gantry', ['run', 'items.jsonl', ...flags, ...folders], home)
  expect(third.stderr).not.toContain('was replaced')
})

it('stages by themselves take the folders from the environment, and the format, too', async () => {
  await writeFile(join(home, 'items.jsonl'), '{"id":1}\n')
  const env = { IMPORT_SCHEMA_PATH: 'import', EXPORT_SCHEMA_PATH: 'export', EXTERNAL_SCHEMA_FORMAT: 'json' }
  expect((await run('gantry', ['extract', 'items.jsonl', ...flags], home, { env })).code).toBe(0)
  expect(JSON.parse(await readFile(join(home, 'import/shop.schema.json'), 'utf8'))).toMatchObject({ name: 'shop' })
  expect((await run('gantry', ['normalize', ...flags], home, { env })).code).toBe(0)
  expect(JSON.parse(await readFile(join(home, 'export/shop.schema.json'), 'utf8'))).toMatchObject({
    tables: { items: { columns: { id: { data_type: 'bigint' } }, 'x-normalizer': { 'seen-data': true } } },
  })
})

it('a mistake in an import stops the extract with path and line, and nothing is extracted', async () => {
  await cp(join(root, 'test/fixtures/schema-files/shop.schema.yaml'), join(home, 'import/shop.schema.yaml'))
  const path = join(home, 'import/shop.schema.yaml')
  await writeFile(path, (await readFile(path, 'utf8')).replace('data_type: decimal', 'data_type: money'))
  await writeFile(join(home, 'items.jsonl'), '{"id":1}\n')
  const { code, stderr } = await run('gantry', ['run', 'items.jsonl', ...flags, ...folders], home)
  expect(code).toBe(1)
  expect(stderr).toContain(`${path}, line 53: "data_type" of column "price" of table "items" must be one of text`)
  expect((await run('gantry', ['normalize', ...flags], home)).stdout).toContain('No data found to normalize')
})

it('a schema that dlt exported is taken over by the library', async () => {
  const p = pipeline({
    pipelineName: 'shop',
    pipelinesDir: home,
    destination: { type: 'duckdb', credentials: join(home, 'shop.duckdb') },
    importSchemaPath: join(home, 'import'),
    exportSchemaPath: join(home, 'export'),
  })
  const text = await readFile(join(root, 'test/fixtures/schema-files/shop.schema.yaml'), 'utf8')
  await cp(join(root, 'test/fixtures/schema-files'), join(home, 'import'), { recursive: true })
  await writeFile(
    join(home, 'import/shop.schema.yaml'),
    text.replaceAll('write_disposition: merge', 'write_disposition: append'),
  )
  await p.run([{ id: 1, price: '2.5', Lines: [{ Sku: 'x', qty: 1 }] }], { tableName: 'items' })
  expect(await typesOf('items')).toMatchObject({ price: 'DECIMAL(10,2)', note: 'VARCHAR', id: 'BIGINT' })
  expect(await readFile(join(home, 'export/shop.schema.yaml'), 'utf8')).toContain("description: 'on'")
})

it('docs/schemas.md does what it says: its blocks run in order in one shell', async () => {
  const text = await readFile(join(root, 'docs/schemas.md'), 'utf8')
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block as string)
  const script = blocks.join('\n').replaceAll('$PWD/.gantry-data', home).replaceAll('.gantry-data', home)
  const { code, output } = await bash(script)
  expect(code, output).toBe(0)
  expect(output).toMatch(/ {6}price:\n {8}data_type: text/)
  expect(output).toMatch(/ {6}discount:\n {8}data_type: decimal\n {8}precision: 10\n {8}scale: 2/)
  expect(output).toContain('columns "Id" and "id" of table "twice" are one name')
  expect(output).toContain('exit code 1')
  const people = await query(
    join(home, 'schemas/people.duckdb'),
    'SELECT "User Name", "Address▶City" FROM people_dataset.people',
  )
  expect(people).toEqual([['Ann', 'Rome']])
})

async function bash(script: string): Promise<{ code: number | null; output: string }> {
  const child = spawn('bash', ['-e'], { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(script)
  const [output, errors] = await Promise.all([buffered(child.stdout), buffered(child.stderr), once(child, 'close')])
  return { code: child.exitCode, output: output + errors }
}
