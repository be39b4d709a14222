import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  bumpVersion,
  capabilitiesOf,
  LoadPackage,
  namingConvention,
  newSchema,
  newTable,
  silentProgress,
  stringifySchema,
  updateTable,
} from '@gantry/common'
import { normalizePackage, type NormalizedFiles, type NormalizePackageOptions } from '@gantry/normalize'
import { describe, expect, it } from 'vitest'
import { duckdbColumns, queryDuckdb, readByDuckdb, temporaryFolders } from './support.ts'

const folder = temporaryFolders()
const takesParquet = {
  ...capabilitiesOf('duckdb'),
  preferredFormat: 'parquet',
  supportedFormats: ['parquet', 'jsonl'],
} as const

interface ParquetPackage extends NormalizedFiles {
  /** Load files of table `t` in their order. */
  readonly paths: readonly string[]
}

/** Normalizes one extracted file of table `t` for each list of lines. */
async function normalizeFiles(
  files: readonly (readonly string[])[],
  options: Partial<NormalizePackageOptions> = {},
): Promise<ParquetPackage> {
  const dir = folder()
  const schema = updateTable(newSchema('test', namingConvention('snake_case')), newTable('t'))
  const source = LoadPackage.create(join(dir, 'extracted', '1700000000.5'))
  for (const [index, lines] of files.entries()) {
    await writeFile(source.newJobPath(`t.000000000${index}.0.ndjson`), lines.map((line) => `${line}\n`).join(''))
  }
  await source.writeText('schema.json', stringifySchema(bumpVersion(schema)))
  const target = LoadPackage.create(join(dir, 'new', '1700000000.5'))
  const normalized = await normalizePackage(
    source,
    target,
    { schema, capabilities: takesParquet, workers: 1, startedAtSeconds: 0, ...options },
    { signal: new AbortController().signal, progress: silentProgress },
  )
  const jobs = join(target.dir, 'new_jobs')
  for (const { job_id: id, bytes, sha256 } of normalized.files) {
    const [table, fileId, format] = id.split('.')
    const found = readFileSync(join(jobs, `${table}.${fileId}.0.${format}`))
    expect({ bytes, sha256 }).toEqual({
      bytes: found.length,
      sha256: createHash('sha256').update(found).digest('hex'),
    })
  }
  const names = readdirSync(jobs).toSorted()
  expect(names.length).toBe(normalized.files.length)
  return { ...normalized, paths: names.filter((name) => name.startsWith('t.')).map((name) => join(jobs, name)) }
}

async function columnTypes(paths: readonly string[], name: string): Promise<string[]> {
  const columns = await Promise.all(paths.map(duckdbColumns))
  return columns.flatMap((ofFile) => ofFile.filter((column) => column.startsWith(`${name} `)))
}

async function valuesOf(paths: readonly string[], name: string): Promise<unknown[]> {
  const rows = await Promise.all(paths.map((path) => readByDuckdb(path)))
  return rows.flat().map((row) => row[name] ?? null)
}

describe('a package with Parquet files', () => {
  it('has typed columns, tables below, and no row lost', async () => {
    const { paths, files } = await normalizeFiles([
      [
        '{"id":1,"at":"2026-05-01T09:30:00.000001+02:00","big":9007199254740993,"list":[{"a":1},{"a":2}],"ok":true}',
        '{"id":2,"name":"Zürich","wei":99999999999999999999}',
      ],
    ])
    expect(files.map(({ table, format, compression, rows }) => [table, format, compression, rows])).toEqual([
      ['t', 'parquet', null, 2],
      ['t__list', 'parquet', null, 2],
    ])
    expect((await duckdbColumns(paths[0]!)).filter((column) => !column.startsWith('_dlt_id'))).toEqual([
      'id BIGINT',
      'at TIMESTAMP WITH TIME ZONE',
      'big BIGINT',
      'ok BOOLEAN',
      '_dlt_load_id VARCHAR',
      'name VARCHAR',
      'wei DECIMAL(38,0)',
    ])
    const rows = await readByDuckdb(paths[0]!)
    expect(rows).toMatchObject([
      { id: '1', at: '1777620600000001', big: '9007199254740993', ok: true, name: null, wei: null },
      { id: '2', at: null, big: null, ok: null, name: 'Zürich', wei: '99999999999999999999' },
    ])
  })

  it('has a file that can be read also where an extracted file has no row', async () => {
    const { paths, files } = await normalizeFiles([[]])
    expect(files).toMatchObject([{ rows: 0, format: 'parquet' }])
    expect((await duckdbColumns(paths[0]!)).toSorted()).toEqual(['_dlt_id VARCHAR', '_dlt_load_id VARCHAR'])
    expect(await queryDuckdb(`SELECT count(*) FROM '${paths[0]}'`)).toEqual([['0']])
  })

  it('begins a new file when a column comes after a row group', async () => {
    const line = (row: number): string => JSON.stringify({ id: row, pad: 'x'.repeat(1000) })
    const lines = Array.from({ length: 3000 }, (_, row) => line(row))
    const { paths } = await normalizeFiles([[...lines, '{"id":3000,"late":true}']], { output: { bufferBytes: 1 } })
    expect(paths.length).toBe(2)
    expect((await valuesOf(paths, 'id')).map(Number)).toEqual(Array.from({ length: 3001 }, (_, row) => row))
    expect(await columnTypes(paths, 'late')).toEqual(['late BOOLEAN'])
  })

  it('has a column as text from the first value on that its type does not hold, and keeps all rows', async () => {
    const schema = updateTable(newSchema('test', namingConvention('snake_case')), {
      ...newTable('t'),
      columns: new Map([['small', { name: 'small', data_type: 'bigint', precision: 8 }]]),
    })
    const lines = ['{"small":1,"id":1}', '{"small":300,"id":2}', '{"id":3}', '{"small":-1,"id":4}']
    const { paths } = await normalizeFiles([lines, ['{"small":400,"id":5}']], { schema })
    expect(await columnTypes(paths, 'small')).toEqual(['small TINYINT', 'small VARCHAR', 'small VARCHAR'])
    expect(await valuesOf(paths, 'id')).toEqual([1, 2, 3, 4, 5].map(String))
    expect(await valuesOf(paths, 'small')).toEqual(['1', '300', null, '-1', '400'])
  })

  it('has compressed pages where the settings say so', async () => {
    const lines = Array.from({ length: 5000 }, () => '{"text":"again and again and again"}')
    const [plain, gzip] = [
      await normalizeFiles([lines]),
      await normalizeFiles([lines], { output: { compression: 'gzip' } }),
    ]
    expect(statSync(gzip.paths[0]!).size).toBeLessThan(statSync(plain.paths[0]!).size * 0.8)
    expect(await valuesOf(gzip.paths, 'text')).toEqual(await valuesOf(plain.paths, 'text'))
  })
})

describe('a new column with integers and doubles', () => {
  const seed = ['{"seed":1}']
  const integers = ['{"n":1,"other":1}', '{"n":-9007199254740992}', '{"other":2}']
  const doubles = ['{"n":2.5}', '{"n":3}']
  const expected = [null, 1, -9007199254740992, null, 2.5, 3, 1, -9007199254740992, null]

  it.each([1, 3])('is double in all files, whoever saw integers only (%d workers)', async (workers) => {
    const { paths, package: schema } = await normalizeFiles([seed, integers, doubles, integers], { workers })
    expect(schema.schema.tables.get('t')?.columns.get('n')?.data_type).toBe('double')
    expect(await columnTypes(paths, 'n')).toEqual(['n DOUBLE', 'n DOUBLE', 'n DOUBLE'])
    expect(await columnTypes(paths, 'other')).toEqual(['other BIGINT', 'other BIGINT'])
    expect(await valuesOf(paths, 'n')).toEqual(expected)
  })

  it.each(['none', 'gzip'] as const)('is rewritten within a range too (compression %s)', async (compression) => {
    const count = 3000
    const lines = Array.from({ length: count }, (_, row) => JSON.stringify({ n: row, pad: 'x'.repeat(1000) }))
    const { paths } = await normalizeFiles([[...lines, '{"n":0.5}']], { output: { bufferBytes: 1, compression } })
    expect(await columnTypes(paths, 'n')).toEqual(['n DOUBLE', 'n DOUBLE'])
    expect(await valuesOf(paths, 'n')).toEqual([...Array.from({ length: count }, (_, row) => row), 0.5])
  })

  it('stays bigint where an integer has no exact double, and no file is rewritten', async () => {
    const { paths } = await normalizeFiles([['{"n":9007199254740993}'], ['{"n":0.5}']])
    expect(await columnTypes(paths, 'n')).toEqual(['n BIGINT'])
    expect(await columnTypes(paths, 'n__v_double')).toEqual(['n__v_double DOUBLE'])
    expect(await valuesOf(paths, 'n')).toEqual(['9007199254740993', null])
  })
})
