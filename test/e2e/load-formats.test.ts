import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  bumpVersion,
  Double,
  namingConvention,
  newSchema,
  newTable,
  parseDecimal,
  parseJson,
  storeSchema,
  Timestamp,
  updateTable,
  Wei,
  workingFolder,
  type Column,
} from '@gantry/common'
import { destinations, pipeline } from 'gantry'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { query, readDataset, withoutIds } from '../support/duckdb.mjs'
import { root, run, testFolder } from '../support/gantry.mjs'
import { rowOfAllTypes } from '../support/typed-row.ts'

/** The formats in which normalize writes load files. */
const formats = ['parquet', 'jsonl', 'csv', 'insert_values'] as const

/** Text that means something to one of the formats. */
const ugly = [
  '',
  ' ',
  'NULL',
  'null',
  '\\N',
  '\\x00ff',
  '"',
  '""',
  "'",
  "''",
  "\\'",
  "E'x'",
  '\\',
  '\\\\',
  '\\n',
  '\n',
  '\r\n',
  '\r',
  '\t',
  ',',
  ';',
  '),\n(',
  "'),('",
  '--',
  '/* */',
  '{}',
  '{"a":1}',
  '[',
  '#',
  '$1',
  ':name',
  '?',
  '\0',
  'a\0b\0',
  '\u0001\u001f\u007f',
  '\u2028\u2029\u0085',
  '\ufeff',
  '\ufffd',
  'é',
  'e\u0301',
  '😀👨‍👩‍👧',
  '0123',
  'True',
  '1e5',
]

/** So long that the header is written before the columns of later rows have come. */
const long = 'long text\n'.repeat(40_000)

const rows = [
  {
    ...rowOfAllTypes,
    doc: parseJson('{"text":"it\'s \\"\\\\ \\n","list":[1,2.5,null,true],"large":9007199254740993,"empty":{}}'),
    deep: { er: { note: 'two\nlines' } },
  },
  {
    n: 2,
    truth: false,
    integer: -(2n ** 63n),
    wei: new Wei(-1n),
    ratio: 1.7976931348623157e308,
    whole: new Double(-0),
    price: parseDecimal('1E+2'),
    at: new Timestamp(-719_162, 0, 0),
    bytes: new Uint8Array(),
    doc: parseJson('["a list"]'),
    deep: { er: { note: '' } },
  },
  { n: 3, doc: 'a text, not "JSON"', ratio: 5e-324, price: parseDecimal('-0.000000001') },
  { n: 4 },
  { n: 5, text: long },
  ...ugly.map((text, index) => ({
    n: 10 + index,
    text,
    ratio: 1 / (index + 3),
    tags: [text],
    late: { [`c${index}`]: text },
  })),
]

const columns: readonly Column[] = [
  { name: 'doc', data_type: 'json' },
  { name: 'wall', data_type: 'timestamp', timezone: false },
  { name: 'small', data_type: 'bigint', precision: 8 },
  { name: 'never', data_type: 'binary' },
]

let home: string
beforeAll(async () => {
  home = await testFolder('load-formats')
})
afterEach(() => vi.unstubAllEnvs())
afterAll(() => rm(home, { recursive: true, force: true }))

interface Loaded {
  readonly tables: Record<string, readonly string[]>
  readonly types: readonly string[]
  readonly files: readonly string[]
}

/** Takes the rows through all stages. */
async function load(name: string, loaderFileFormat: string, settings: Record<string, string> = {}): Promise<Loaded> {
  for (const [key, value] of Object.entries(settings)) vi.stubEnv(`NORMALIZE__DATA_WRITER__${key}`, value)
  const database = join(home, `${name}.duckdb`)
  const pipelinesDir = join(home, 'pipelines')
  const declared = { ...newTable('kinds'), columns: new Map(columns.map((column) => [column.name, column])) }
  const schema = updateTable(newSchema(name, namingConvention('snake_case')), declared)
  await storeSchema(workingFolder(pipelinesDir, name), bumpVersion(schema), 'given')
  const made = pipeline({
    pipelineName: name,
    pipelinesDir,
    destination: destinations.duckdb(database),
    datasetName: 'kinds_dataset',
    // A sync would find no dataset, and so remove the schema that is there.
    restoreFromDestination: false,
  })
  await made.run(rows, { tableName: 'kinds', loaderFileFormat })
  const loaded = await readdir(join(made.workingDir, 'load/loaded'))
  const files = await readdir(join(made.workingDir, 'load/loaded', loaded[0]!, 'completed_jobs'))
  const tables = await readDataset(database, 'kinds_dataset')
  const types = tables['kinds']!.columns.map((column) => `${column.name} ${column.type}`)
  return { tables: withoutIds(tables), types, files: files.filter((file) => !file.startsWith('_dlt')) }
}

function filesOf(loaded: Loaded, table: string): readonly string[] {
  return loaded.files.filter((file) => file.startsWith(`${table}.`))
}

describe('rows of all types and ugly text', () => {
  let expected: Loaded
  beforeAll(async () => {
    expected = await load('expected', 'jsonl')
  })

  it('arrive as they were given', async () => {
    const database = join(home, 'expected.duckdb')
    // The driver drops a byte order mark from texts that it hands out, so that bytes are compared.
    const texts = await query(database, 'SELECT hex(encode(text)) FROM kinds_dataset.kinds WHERE n >= 10 ORDER BY n')
    expect(texts.flat()).toEqual(ugly.map((text) => Buffer.from(text).toString('hex').toUpperCase()))
    const values = 'wei, integer, ratio, whole, price, "at", wall, "day", "time", bytes, doc, small, never'
    expect(await query(database, `SELECT ${values} FROM kinds_dataset.kinds WHERE n = 1`)).toEqual([
      [
        '9'.repeat(38),
        '9007199254740993',
        0.30000000000000004,
        1,
        '12345678901234567890123456789.123456789',
        '2022-01-08 00:00:00.000001+00',
        '1970-01-01 23:59:59.999999',
        '9999-12-31',
        '00:00:00.000001',
        String.raw`\x00\xFF\x27\\x0A`,
        String.raw`{"text":"it's \"\\ \n","list":[1,2.5,null,true],"large":9007199254740993,"empty":{}}`,
        -128,
        null,
      ],
    ])
  })

  describe.each(formats)('by %s', (format) => {
    it('are the same', async () => {
      const loaded = await load(`plain_${format}`, format)
      expect(loaded.files.every((file) => file.endsWith(`.${format}`))).toBe(true)
      // A header stands before the rows; JSONL and Parquet take in a column at any time.
      const hasHeader = format === 'csv' || format === 'insert_values'
      expect(filesOf(loaded, 'kinds')).toHaveLength(hasHeader ? 2 : 1)
      expect(loaded.types.toSorted()).toEqual(expected.types.toSorted())
      expect(loaded.tables).toEqual(expected.tables)
    })

    it('are the same gzipped, with at most three rows a file', async () => {
      const settings = { DISABLE_COMPRESSION: 'false', COMPRESSION: 'gzip', FILE_MAX_ITEMS: '3' }
      const loaded = await load(`rows_${format}`, format, settings)
      const ending = format === 'parquet' ? '.parquet' : `.${format}.gz`
      expect(loaded.files.every((file) => file.endsWith(ending))).toBe(true)
      expect(filesOf(loaded, 'kinds')).toHaveLength(Math.ceil(rows.length / 3))
      expect(loaded.tables).toEqual(expected.tables)
    })

    it('are the same in files of some bytes', async () => {
      const loaded = await load(`bytes_${format}`, format, { FILE_MAX_BYTES: '1500' })
      const count = filesOf(loaded, 'kinds').length
      expect([count > 3, count < rows.length]).toEqual([true, true])
      expect(loaded.tables).toEqual(expected.tables)
    })
  })
})

describe('--file-format', () => {
  it.each(formats)('%s names the format of load files', async (format) => {
    await writeFile(join(home, 'good.jsonl'), '{"id":1,"tags":["x"]}\n')
    const flags = ['--pipeline-name', `flag_${format}`, '--file-format', format]
    const ran = await run('gantry', ['run', 'good.jsonl', ...flags, '--json'], home)
    expect(ran.code, ran.stderr).toBe(0)
    const info = JSON.parse(ran.stdout) as { load_packages: { jobs: { file_path: string }[] }[] }
    const paths = info.load_packages.flatMap(({ jobs }) => jobs.map((job) => job.file_path))
    expect(paths.filter((path) => path.includes('/good'))).toHaveLength(2)
    expect(paths.filter((path) => path.includes('/good')).every((path) => path.endsWith(`.${format}`))).toBe(true)
    expect(await query(join(home, `flag_${format}.duckdb`), `SELECT id FROM flag_${format}_dataset.good`)).toEqual([
      ['1'],
    ])
  })

  it('names it for gantry normalize too', async () => {
    const flags = ['--pipeline-name', 'apart']
    await run('gantry', ['extract', 'good.jsonl', ...flags], home)
    const { code, stdout, stderr } = await run(
      'gantry',
      ['normalize', ...flags, '--file-format', 'csv', '--json'],
      home,
    )
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/\/good\.[\da-f]+\.0\.csv"/)
  })

  it.each(['run', 'normalize'])(
    'that the destination does not take: which ones it takes, exit code 2: %s',
    async (command) => {
      const flags = ['--pipeline-name', `refused_${command}`, '--file-format', 'xml']
      const files = command === 'run' ? ['good.jsonl'] : []
      const { code, stderr } = await run('gantry', [command, ...files, ...flags], home)
      expect(code).toBe(2)
      expect(stderr).toContain(
        'Destination duckdb takes no load files of format "xml". It takes: parquet, insert_values, jsonl, csv.',
      )
      expect(await readdir(join(home, 'pipelines'))).not.toContain('refused_run')
    },
  )
})

it('--file-format is judged by the destination of earlier runs, where none is named', async () => {
  const flags = ['--pipeline-name', 'goes_on']
  await run('gantry', ['extract', 'good.jsonl', ...flags, '--destination', 'postgres'], home)
  const { code, stderr } = await run('gantry', ['run', 'good.jsonl', ...flags, '--file-format', 'jsonl'], home)
  expect(code).toBe(2)
  expect(stderr).toContain('Destination postgres takes no load files of format "jsonl".')
})

describe('a load package of Python dlt', () => {
  it.each(['insert_values', 'parquet'])('with files of %s is loaded', async (format) => {
    const name = `dlt_${format}`
    const folder = join(home, 'pipelines', name)
    await cp(join(root, 'test/fixtures/dlt-made', format), folder, { recursive: true })
    const [loadId] = await readdir(join(folder, 'load/normalized'))
    // Git keeps no empty folders.
    for (const jobs of ['started_jobs', 'completed_jobs', 'failed_jobs'])
      await mkdir(join(folder, 'load/normalized', loadId!, jobs), { recursive: true })
    const flags = ['--pipeline-name', name, '--dataset-name', 'kinds_dataset']
    const { code, stderr } = await run('gantry', ['load', ...flags], home)
    expect(code, stderr).toBe(0)
    const tables = await readDataset(join(home, `${name}.duckdb`), 'kinds_dataset')
    const { kinds, kinds__tags: tags, _dlt_pipeline_state: state } = tables
    expect(state!.rows.map((row) => row['pipeline_name'])).toEqual(['kinds'])
    const data = kinds!.rows.map(({ _dlt_id, _dlt_load_id, ...row }) => row)
    expect(data.toSorted((a, b) => Number(a['n']) - Number(b['n']))).toEqual([
      {
        n: '1',
        text: "it's a \\ back\nslash\r, \ttab, \"quotes\", ),;\n(2, 'x') and é 😀",
        large: '9007199254740993',
        small: 7,
        ratio: 0.1,
        flag: true,
        at: '2024-02-29T12:30:45.123456Z',
        wall: '2024-01-01 01:02:03.004',
        day: '2024-02-29',
        hour: '01:02:03.000004',
        bytes: String.raw`\x00\xFF\x27` + '\\',
        doc: String.raw`{"a":"it's \\ \n","l":[1,2.5,null]}`,
        price: '12345678901234567890.123456789',
        wei: '1000000000000000000000000000000',
      },
      { n: '2', text: '' },
      { n: '3' },
      { n: '4', text: 'NUL \0 here', ratio: -2.5, doc: `{"quote":"'"}` },
    ])
    expect(new Set(tags!.rows.map(({ value }) => value))).toEqual(new Set(['a', "),\n(1,'b')"]))
  })
})
