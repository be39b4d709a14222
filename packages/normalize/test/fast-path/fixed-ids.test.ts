import { updateTable, type Column, type Schema } from '@gantry/common'
import { describe, expect, it } from 'vitest'
import { documentLines, firstSeed } from './documents.ts'
import { outputs, plainSchema, type Input } from './outcome.ts'
import { comparePaths } from './compare-paths.ts'

/* Ids that follow from the data: both paths have to give the same. */

const keyed = (columns: readonly Column[], strategy = 'upsert'): Schema =>
  merged(
    strategy,
    columns.map((column) => ({ ...column, nullable: false, primary_key: true })),
  )

/** Slowly changing rows that have the version of a row in its id. */
const versioned = merged('scd2', [
  { name: '_dlt_id', data_type: 'text', nullable: false, 'x-row-version': true, unique: false, row_key: false },
])

function merged(strategy: string, columns: readonly Column[]): Schema {
  const table = plainSchema.tables.get('t')!
  return updateTable(plainSchema, {
    ...table,
    hints: { ...table.hints, write_disposition: 'merge', 'x-merge-strategy': strategy },
    columns: new Map(columns.map((column) => [column.name, column])),
  })
}

const compare = (input: Input): Promise<number> => comparePaths({ ...input, hasFixedIds: true })

const row = (id: number, name: string): string =>
  `{"id":${id},"name":"${name}","at":"2024-05-01T10:00:00Z","n":1.5,"ok":true,"o":{"x":"y"},"l":[{"v":1},{"v":[1]}],"s":["a","b"]}`

const rows = [
  ...Array.from({ length: 60 }, (_, id) => row(id, `name ${id}`)),
  row(100, 'x'.repeat(300)),
  row(101, String.raw`\u00e9 \"quoted\" \\ \n`),
  row(102, 'y'.repeat(168 - '{"id":102,"name":""}'.length)),
  row(-9007199254740991, ''),
]

describe('ids by key', () => {
  it.each(outputs)('are those of the reference path, rows and all below, as %s', async (output) => {
    for (const strategy of ['upsert', 'insert-only']) {
      expect(await compare({ lines: rows, output, schema: keyed([{ name: 'id' }], strategy) })).toBeGreaterThan(0.9)
    }
    expect(await compare({ lines: rows, output, schema: keyed([{ name: 'name' }, { name: 'id' }]) })).toBeGreaterThan(
      0.9,
    )
    const nested = keyed([{ name: 'o__x' }, { name: 'ok' }, { name: 'id', data_type: 'bigint' }])
    expect(await compare({ lines: rows, output, schema: nested })).toBeGreaterThan(0.9)
  })

  it('are of text of any length, one block of the hash or several', async () => {
    const lines = Array.from({ length: 400 }, (_, length) => `{"name":"${'z'.repeat(length)}"}`)
    expect(await compare({ lines, schema: keyed([{ name: 'name' }]) })).toBeGreaterThan(0.9)
  })

  it('are the reference path’s where a value is not held as it came', async () => {
    for (const name of ['at', 'n']) expect(await compare({ lines: rows, schema: keyed([{ name }]) })).toBe(0)
  })

  it.each([
    ['lacks a part', '{"name":"no id"}'],
    ['has null in it', '{"id":null,"name":"no id"}'],
    ['has its id already', '{"id":7,"_dlt_id":"own","l":[{"v":1}]}'],
    ['has a key of another type', '{"id":"seven","l":[{"v":1}]}'],
  ])('leave a row alone that %s', async (_, odd) => {
    await compare({ lines: [...rows, odd, ...rows], schema: keyed([{ name: 'id' }]) })
  })

  it('are asked for in vain where no key is declared', async () => {
    await compare({ lines: rows, schema: keyed([]) })
  })

  it('of any documents are the same', async () => {
    for (const output of outputs) {
      const schema = keyed([{ name: 'id' }])
      for (const seed of [1, 2, 3]) {
        const lines = documentLines(firstSeed + seed, 60, { values: 0.01, keys: 0.01 }).map((line) =>
          line.replace('{', '{"id":1,'),
        )
        await compare({ lines, output, schema })
        await compare({ lines: [`[${lines.join(',')}]`], input: 'typed-jsonl', output, schema })
      }
    }
  })
})

describe('ids by content', () => {
  it.each(outputs)('are those of the reference path, rows and all below, as %s', async (output) => {
    expect(await compare({ lines: rows, output, schema: versioned })).toBeGreaterThan(0.9)
    const typed = { lines: [`[${rows.join(' , ')}]`], input: 'typed-jsonl', output, schema: versioned } as const
    expect(await compare(typed)).toBeGreaterThan(0.9)
  })

  it.each([
    [
      'keys in any order',
      '{"z":1,"a":{"z":1,"y":{"b":[{"d":1,"c":2}],"a":null},"é":true,"😀":1,"\uffff":2},"ab":false,"a b":"x"}',
    ],
    ['blanks', '{ "z" : 1 , "a" : [ 1 , { "c" : "x" , "b" : [ ] } ] , "e" : { } }'],
    ['escapes', String.raw`{"z":"\u00e9\/\n\u0001","a":"\ud83d\ude00\"","e":"\u2028"}`],
    ['keys of dlt’s own', '{"z":1,"_dlt_x":{"_dlt_y":1},"a":{"_dlt_z":2,"A":1},"_dlt":3}'],
    ['only those', '{"_dlt_x":1}'],
    ['numbers as they are printed', '{"z":1.0,"a":[0.1,-2,1e16,123456.789,1e-7],"b":-0.5}'],
  ])('do not depend on how a row is written: %s', async (_, line) => {
    const lines = Array.from({ length: 20 }, () => line)
    expect(await compare({ lines, schema: versioned, output: 'parquet' })).toBeGreaterThanOrEqual(0)
    await compare({ lines, schema: versioned })
  })

  it('take rows whose keys come in no order', async () => {
    const lines = Array.from({ length: 30 }, (_, z) => `{"z":${z},"b":{"d":"x","c":[{"y":1,"x":2}]},"a":true}`)
    expect(await compare({ lines, schema: versioned, output: 'parquet' })).toBeGreaterThan(0.9)
  })

  it('are the reference path’s where an object has very many keys, or a number is not as it is printed', async () => {
    const wide = (id: number): string =>
      JSON.stringify(Object.fromEntries(Array.from({ length: 300 }, (_, key) => [`k${key}`, id])))
    await compare({ lines: Array.from({ length: 5 }, (_, id) => wide(id)), schema: versioned, output: 'parquet' })
    await compare({ lines: [row(1, 'a'), row(2, 'b').replace('1.5', '1.50'), row(3, 'c')], schema: versioned })
  })

  it('of any documents are the same', async () => {
    const shares: number[] = []
    for (const output of outputs) {
      for (const seed of [1, 2, 3, 4, 5, 6]) {
        const disorder = seed % 2 === 0 ? 0 : 0.01
        const lines = documentLines(firstSeed + seed, 60, { values: disorder, keys: disorder })
        shares.push(await compare({ lines, output, schema: versioned }))
        shares.push(await compare({ lines: [`[${lines.join(',')}]`], input: 'typed-jsonl', output, schema: versioned }))
      }
    }
    expect(Math.max(...shares)).toBeGreaterThan(0.5)
  })
})
