import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { query } from '../support/duckdb.mjs'
import { root, run, testFolder } from '../support/gantry.mjs'

let home: string
beforeEach(async () => {
  home = await testFolder('naming')
})
afterEach(() => rm(home, { recursive: true, force: true }))

const db = (): string => join(home, 'gantry.duckdb')
const tables = async (dataset = 'gantry_dataset'): Promise<unknown> =>
  (
    await query(db(), `SELECT table_name FROM information_schema.tables WHERE table_schema = '${dataset}' ORDER BY ALL`)
  ).flat()

describe('a naming convention that is configured', () => {
  it('names tables and columns, and stays with the schema when the setting is gone', async () => {
    await writeFile(join(home, 'Items.jsonl'), '{"Id":1,"a b":{"C":2},"Tags":["x"]}\n')
    const env = { SCHEMA__NAMING: 'direct' }
    const { code, stderr } = await run('gantry', ['run', 'Items.jsonl'], home, { env })
    expect(code, stderr).toBe(0)
    expect(await tables()).toEqual([
      'Items',
      'Items▶Tags',
      '_dlt_load_jobs',
      '_dlt_loads',
      '_dlt_pipeline_state',
      '_dlt_version',
    ])
    expect((await run('gantry', ['run', 'Items.jsonl'], home)).code).toBe(0)
    expect(await query(db(), 'SELECT "Id", "a b▶C" FROM gantry_dataset."Items"')).toEqual([
      ['1', '2'],
      ['1', '2'],
    ])
  })

  it('cannot change once tables have data, unless that is allowed', async () => {
    await writeFile(join(home, 'items.jsonl'), '{"id":1}\n')
    expect((await run('gantry', ['run', 'items.jsonl'], home)).code).toBe(0)
    const env = { SOURCES__GANTRY__SCHEMA__NAMING: 'sql_cs_v1' }
    const refused = await run('gantry', ['run', 'items.jsonl'], home, { env })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('cannot go from naming convention "snake_case" to "sql_cs_v1"')
    const allow = { ...env, SCHEMA__ALLOW_IDENTIFIER_CHANGE_ON_TABLE_WITH_DATA: 'true' }
    const allowed = await run('gantry', ['run', 'items.jsonl'], home, { env: allow })
    expect(allowed.code, allowed.stderr).toBe(0)
  })

  it('that normalize alone is given renames what extract has declared', async () => {
    await writeFile(join(home, 'My.Items.jsonl'), '{"Id":1,"L":[1]}\n')
    const flags = ['--table', 'MyItems']
    expect((await run('gantry', ['extract', 'My.Items.jsonl', ...flags], home)).code).toBe(0)
    const env = { SCHEMA__NAMING: 'sql_cs_v1' }
    expect((await run('gantry', ['normalize'], home, { env })).code).toBe(0)
    const { code, stderr } = await run('gantry', ['load'], home)
    expect(code, stderr).toBe(0)
    expect(await query(db(), 'SELECT "Id" FROM gantry_dataset.my_items')).toEqual([['1']])
    expect(await tables()).toContain('my_items__L')
  })
})

describe('a naming convention of the user', () => {
  it('holds in all three processes and in worker threads, system tables included', async () => {
    await cp(join(root, 'test/fixtures/naming/camel-case.js'), join(home, 'camel-case.mjs'))
    const rows = Array.from({ length: 60_000 }, (_, id) =>
      JSON.stringify({ user_id: id, pad: 'x'.repeat(100), order_lines: [{ line_no: 1 }] }),
    )
    await writeFile(join(home, 'rows.jsonl'), rows.join('\n'))
    const flags = ['--table', 'shop_orders']
    const env = { SCHEMA__NAMING: './camel-case.mjs' }
    const { code, stderr } = await run('gantry', ['run', 'rows.jsonl', ...flags, '--workers', '2'], home, { env })
    expect(code, stderr).toBe(0)
    expect(await tables('GantryDataset')).toEqual([
      'ShopOrders',
      'ShopOrders__OrderLines',
      '_dltLoadJobs',
      '_dltLoads',
      '_dltPipelineState',
      '_dltVersion',
    ])
    expect(await query(db(), 'SELECT count(DISTINCT "userId") FROM "GantryDataset"."ShopOrders"')).toEqual([['60000']])
    expect(await query(db(), 'SELECT "loadId" IS NULL, status FROM "GantryDataset"."_dltLoads"')).toEqual([
      [false, '0'],
    ])
    // The schema stores the reference, so the next run needs no setting; a folder without the module does not do.
    const again = await run('gantry', ['extract', 'rows.jsonl', ...flags], home)
    expect(again.code, again.stderr).toBe(0)
    await rm(join(home, 'camel-case.mjs'))
    const lost = await run('gantry', ['normalize'], home)
    expect(lost.code).toBe(1)
    expect(lost.stderr).toContain('Naming convention "./camel-case.mjs" is not known')
    expect(lost.stderr).toContain(`no module of that name is found from ${home}`)
  })
})

it('a naming convention in TypeScript does where Node runs it; elsewhere the message says so', async () => {
  await writeFile(
    join(home, 'loud.ts'),
    'export default { caseSensitive: false, normalizeIdentifier: (name: string): string => name.toUpperCase() }\n',
  )
  await writeFile(join(home, 'items.jsonl'), '{"id":1}\n')
  const env = { SCHEMA__NAMING: './loud.ts' }
  const { code, stderr } = await run('gantry', ['extract', 'items.jsonl'], home, { env })
  const runsTypes = (process.features as { readonly typescript?: string | false }).typescript
  if (runsTypes) expect(code, stderr).toBe(0)
  else expect(stderr).toContain('Naming convention "./loud.ts" is TypeScript, which Node')
})

describe('names that are one name in DuckDB', () => {
  it('are refused before anything is written, all of them at once', async () => {
    await writeFile(join(home, 'Items.jsonl'), '{"Id":1,"id":2,"Straße":1,"STRASSE":2}\n')
    await writeFile(join(home, 'items.jsonl'), '{"a":1}\n')
    const env = { SCHEMA__NAMING: 'duck_case' }
    const { code, stderr } = await run('gantry', ['run', 'Items.jsonl', 'items.jsonl'], home, { env })
    expect(code).toBe(1)
    expect(stderr).toContain('tables "Items" and "items" are one name there, where case does not count')
    expect(stderr).toContain('columns "Id" and "id" of table "Items" are one name')
    expect(stderr).toContain('columns "Straße" and "STRASSE" of table "Items" are one name')
    await expect(tables()).resolves.toEqual([])
    const again = await run('gantry', ['load', '--json'], home)
    expect(again.code).toBe(1)
  })
})
