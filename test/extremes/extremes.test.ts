import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { query } from '../support/duckdb.mjs'
import { run } from '../support/gantry.mjs'

/*
 * Data at the edge: each arrives, in processes whose heap is limited, or is refused with a reason. The sizes are those of
 * a quick run; `GANTRY_EXTREMES=full npm run test:e2e -- test/extremes` takes the real ones.
 */

const isFull = process.env['GANTRY_EXTREMES'] === 'full'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gantry-extremes-'))
})
afterEach(() => rm(home, { recursive: true }))

/** Loads the file `t.jsonl`. */
async function load(env: Record<string, string> = {}): Promise<{ code: number | null; stderr: string }> {
  return run('gantry', ['run', 't.jsonl', '--pipeline-name', 'x'], home, {
    env: { NODE_OPTIONS: '--max-old-space-size=512', ...env },
  })
}

const ask = (sql: string): Promise<unknown[][]> => query(join(home, 'x.duckdb'), sql)

describe('many columns', () => {
  const columns = 1000
  const rows = isFull ? 2000 : 50

  it(`${columns} of them in ${rows} rows arrive`, async () => {
    const line = (row: number): string =>
      JSON.stringify(Object.fromEntries(Array.from({ length: columns }, (_, at) => [`c${at}`, row * at])))
    await writeFile(join(home, 't.jsonl'), Array.from({ length: rows }, (_, row) => `${line(row)}\n`).join(''))
    const { code, stderr } = await load()
    expect(code, stderr).toBe(0)
    const last = (rows * (rows - 1) * (columns - 1)) / 2
    expect(await ask(`SELECT count(*), sum(c${columns - 1}) FROM x_dataset.t`)).toEqual([[String(rows), String(last)]])
  })
})

describe('deep nesting', () => {
  const nested = (levels: number, open: string, close: string): string =>
    open.repeat(levels) + '1' + close.repeat(levels)

  it('100 levels of objects arrive as one column', async () => {
    await writeFile(join(home, 't.jsonl'), `${nested(100, '{"k":', '}')}\n`)
    const { code, stderr } = await load()
    expect(code, stderr).toBe(0)
    const column = Array.from({ length: 100 }, () => 'k').join('__')
    expect(await ask(`SELECT "${column}" FROM x_dataset.t`)).toEqual([['1']])
  })

  it('30 levels of lists arrive as linked tables, the scalar in the last', async () => {
    await writeFile(join(home, 't.jsonl'), `{"k":${nested(30, '[', ']')}}\n`)
    const { code, stderr } = await load()
    expect(code, stderr).toBe(0)
    expect(await ask(`SELECT value FROM x_dataset.t__k${'__list'.repeat(29)}`)).toEqual([['1']])
  })

  it('100 levels of lists are refused: the name of the table does not fit a file', async () => {
    await writeFile(join(home, 't.jsonl'), `{"k":${nested(100, '[', ']')}}\n`)
    const { code, stderr } = await load()
    expect(code).toBe(1)
    expect(stderr).toMatch(/t\.jsonl, line 1: Table "t__k__list__.*" cannot have files: .* file systems allow 255/)
    expect(stderr).toContain('Open fewer levels of nested lists')
  })

  it('more than 1024 levels are refused: line and column', async () => {
    await writeFile(join(home, 't.jsonl'), `{"k":1}\n${nested(100_000, '[', ']')}\n`)
    const { code, stderr } = await load()
    expect(code).toBe(1)
    expect(stderr).toContain('t.jsonl, line 2, column 1025: more than 1024 levels of nesting')
  })
})

describe('a large row', () => {
  const megabytes = isFull ? 100 : 20

  it(`with a text of ${megabytes} MB arrives`, async () => {
    await writeFile(join(home, 't.jsonl'), `{"id":1,"text":"${'x'.repeat(megabytes * 1e6)}"}\n`)
    const { code, stderr } = await load()
    expect(code, stderr).toBe(0)
    expect(await ask('SELECT length(text) FROM x_dataset.t')).toEqual([[String(megabytes * 1e6)]])
  })

  it(`with a list of ${megabytes} MB arrives`, async () => {
    const items = megabytes * 10_000
    const line = function* (): Generator<string> {
      yield '{"id":1,"items":['
      for (let at = 0; at < items; at++) yield `${at === 0 ? '' : ','}{"at":${at},"text":"${'y'.repeat(72)}"}`
      yield ']}\n'
    }
    await pipeline(Readable.from(line()), createWriteStream(join(home, 't.jsonl')))
    const { code, stderr } = await load()
    expect(code, stderr).toBe(0)
    expect(await ask('SELECT count(*), sum("at" - _dlt_list_idx) FROM x_dataset.t__items')).toEqual([
      [String(items), '0'],
    ])
  })

  it('of more than 500 MB is refused', { skip: !isFull }, async () => {
    await pipeline(
      Readable.from(Array.from({ length: 510 }, () => `[${' '.repeat(1e6)}`)),
      createWriteStream(join(home, 't.jsonl')),
    )
    const { code, stderr } = await load()
    expect(code).toBe(1)
    expect(stderr).toContain('has a line of more than 500 MB')
  })
})

describe('many tables', () => {
  const tables = isFull ? 10_000 : 300

  it(`${tables} of them arrive`, { timeout: 600_000 }, async () => {
    const lines = Array.from({ length: tables }, (_, id) => `{"id":${id},"list_${id}":[{"v":${id}}]}\n`)
    await writeFile(join(home, 't.jsonl'), lines.join(''))
    // DuckDB keeps all tables of a transaction in memory.
    const { code, stderr } = await load(isFull ? { DESTINATION__DUCKDB__MEMORY_LIMIT: '3GB' } : {})
    expect(code, stderr).toBe(0)
    const [[count] = []] = await ask(
      `SELECT count(*) FROM information_schema.tables WHERE table_name LIKE 't\\_\\_list\\_%' ESCAPE '\\'`,
    )
    expect(count).toBe(String(tables))
    expect(await ask(`SELECT v FROM x_dataset.t__list_${tables - 1}`)).toEqual([[String(tables - 1)]])
  })
})
