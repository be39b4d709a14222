import { cp, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { query, readDataset } from '../support/duckdb.mjs'
import { root, run, testFolder } from '../support/gantry.mjs'

const input = join(root, 'examples/github-events/github_events.json')

interface Expected {
  loads: number
  tables: Record<
    string,
    { columns: { name: string; type: string; nullable: boolean }[]; rows: Record<string, unknown>[] }
  >
}

const expected = JSON.parse(
  await readFile(join(root, 'test/parity/vectors/github-events-in-duckdb.json'), 'utf8'),
) as Expected

/** Compares a database with what Python dlt made of the same file: tables, columns, types, rows and links. */
async function expectDltsAnswer(path: string, dataset: string): Promise<void> {
  const tables = await readDataset(path, dataset)
  const dataTables = Object.keys(tables).filter((name) => !name.startsWith('_dlt'))
  expect(dataTables.toSorted()).toEqual(Object.keys(expected.tables).toSorted())
  const rowNames = new Map<string, string>()
  for (const name of ['events', 'events__issue__labels', 'events__issue__assignees']) {
    const { columns, rows } = tables[name]!
    expect(columns, name).toEqual(expected.tables[name]!.columns)
    const named = rows.map((row: Record<string, unknown>) => {
      const { _dlt_id: id, _dlt_load_id: _, _dlt_parent_id: parent, ...data } = row
      const list = name.replace(/^events__/, '')
      const rowName =
        parent === undefined
          ? `@events[${String(row['id'])}]`
          : `${rowNames.get(parent as string)}.${list}[${String(row['_dlt_list_idx'])}]`
      rowNames.set(id as string, rowName)
      expect(id).toMatch(/^[A-Za-z0-9+/]{14}$/)
      return { '@row': rowName, ...data }
    })
    const sort = (all: Record<string, unknown>[]): string[] => all.map(printSorted).toSorted()
    expect(sort(named), name).toEqual(sort(expected.tables[name]!.rows))
  }
  expect(await query(path, `SELECT count(*), min(status) FROM "${dataset}"._dlt_loads`)).toEqual([['1', '0']])
}

/** Integers beyond 32 bits come out of the database as text. */
function printSorted(row: Record<string, unknown>): string {
  const entries = Object.entries(row).map(([key, value]) => [key, typeof value === 'number' ? String(value) : value])
  return JSON.stringify(Object.fromEntries(entries.toSorted(([a], [b]) => (a! < b! ? -1 : 1))))
}

describe('100 GitHub events', () => {
  let home: string
  beforeAll(async () => {
    home = await testFolder('github')
  })

  it('give the tables, types, rows and links that Python dlt makes of them, by gantry run', async () => {
    const { code, stdout, stderr } = await run('gantry', ['run', input, '--table', 'events', '--json'], home)
    expect(stderr).not.toContain('rror')
    expect(code).toBe(0)
    const info = JSON.parse(stdout) as { stages: { stage: string; pid: number }[]; skipped: boolean }
    expect(new Set(info.stages.map(({ pid }) => pid)).size).toBe(3)
    expect(info.skipped).toBe(false)
    await expectDltsAnswer(join(home, 'gantry.duckdb'), 'gantry_dataset')
  })

  it('give the same by three commands, with the working folder copied between them', async () => {
    const places = ['a', 'b', 'c'].map((name) => join(home, name))
    for (const place of places) await mkdir(place)
    const [first, second, third] = places as [string, string, string]
    const flags = ['--pipeline-name', 'moved']
    const extracted = await run('gantry', ['extract', input, '--table', 'events', ...flags], first)
    expect(extracted.code, extracted.stderr).toBe(0)
    await cp(join(first, 'pipelines'), join(second, 'pipelines'), { recursive: true })
    const normalized = await run('gantry-normalize', flags, second)
    expect(normalized.code, normalized.stderr).toBe(0)
    expect(normalized.stdout).toContain('- events__issue__assignees: 55 row(s)')
    await cp(join(second, 'pipelines'), join(third, 'pipelines'), { recursive: true })
    const loaded = await run('gantry', ['load', ...flags], third)
    expect(loaded.code, loaded.stderr).toBe(0)
    await expectDltsAnswer(join(third, 'moved.duckdb'), 'moved_dataset')
  })

  it('are appended again by a second run, and replaced on request', async () => {
    const again = await run('gantry', ['run', input, '--table', 'events'], home)
    expect(again.code, again.stderr).toBe(0)
    const count =
      'SELECT (SELECT count(*) FROM gantry_dataset.events), (SELECT count(*) FROM gantry_dataset.events__issue__labels)'
    expect(await query(join(home, 'gantry.duckdb'), count)).toEqual([['200', '66']])
    const replaced = await run('gantry', ['run', input, '--table', 'events', '--write-disposition', 'replace'], home)
    expect(replaced.code, replaced.stderr).toBe(0)
    expect(await query(join(home, 'gantry.duckdb'), count)).toEqual([['100', '33']])
  })
})
