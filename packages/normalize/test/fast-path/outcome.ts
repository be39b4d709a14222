import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  bumpVersion,
  capabilitiesOf,
  LoadPackage,
  namingConvention,
  newSchema,
  newTable,
  parseJson,
  schemaHash,
  silentProgress,
  stringifySchema,
  updateTable,
  type JsonObject,
  type RowIds,
  type RowsByPath,
  type Schema,
} from '@gantry/common'
import { finishSchema, normalizePackage } from '@gantry/normalize'
import { readByHyparquet } from '../parquet/support.ts'

/** A file of rows, as text, and how it is normalized. */
export interface Input {
  readonly lines: readonly string[] | string
  readonly input?: 'ndjson' | 'typed-jsonl'
  readonly output?: 'jsonl' | 'csv' | 'parquet'
  readonly schema?: Schema
  readonly chunkBytes?: number
  /** When a file is full; how many rows each has is told then. */
  readonly limits?: { readonly maxItems?: number; readonly maxBytes?: number }
  /** Ids follow from the data: they are compared themselves. */
  readonly hasFixedIds?: boolean
}

/** What came of it, with ids as the places of their rows, unless they are fixed; or the error that ended it. */
export interface Outcome {
  readonly told: unknown
  readonly rowsByPath: RowsByPath
}

export const outputs = ['jsonl', 'csv', 'parquet'] as const

type Row = readonly (readonly [name: string, value: unknown])[]

export const plainSchema: Schema = updateTable(newSchema('test', namingConvention('snake_case')), newTable('t'))

/** Normalizes a file on one of the two paths. */
export async function outcomeOf(given: Input, fastPath: boolean): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-paths-'))
  const {
    lines,
    input = 'ndjson',
    output = 'jsonl',
    schema = plainSchema,
    chunkBytes,
    limits,
    hasFixedIds = false,
  } = given
  try {
    const source = LoadPackage.create(join(folder, 'extracted', '1700000000.5'))
    const text = typeof lines === 'string' ? lines : `${lines.join('\n')}\n`
    await writeFile(source.newJobPath(`t.0000000001.0.${input}`), text)
    await source.writeText('schema.json', stringifySchema(bumpVersion(schema)))
    const target = LoadPackage.create(join(folder, 'new', '1700000000.5'))
    const result = await normalizePackage(
      source,
      target,
      {
        schema,
        capabilities: { ...capabilitiesOf('duckdb'), supportedFormats: ['jsonl', 'csv', 'parquet'] },
        workers: 1,
        output: { format: output, ...(limits === undefined ? {} : { limits }) },
        rootIds: numberedIds(),
        ...(chunkBytes === undefined ? {} : { chunkBytes }),
        startedAtSeconds: 0,
        fastPath,
      },
      { signal: new AbortController().signal, progress: silentProgress },
    )
    const finished = finishSchema(result)
    const rows = new Map<string, Row[]>()
    for (const job of await target.jobs('new_jobs')) {
      const { table } = job.name
      rows.set(table, [...(rows.get(table) ?? []), ...(await readRows(job.path, output))])
    }
    const counts = Object.fromEntries(
      result.files.map((file) => [
        file.table,
        result.files.reduce((sum, other) => sum + (other.table === file.table ? other.rows : 0), 0),
      ]),
    )
    return {
      told: {
        hash: schemaHash(finished),
        ...(limits === undefined ? {} : { files: result.files.map(({ table, rows: inFile }) => [table, inFile]) }),
        counts,
        rows: hasFixedIds ? Object.fromEntries(rows) : linked(rows),
        violations: withoutFolder(result.violations),
      },
      rowsByPath: result.rowsByPath,
    }
  } catch (error) {
    return { told: String(error).replaceAll(folder, ''), rowsByPath: { fast: 0, reference: 0 } }
  } finally {
    await rm(folder, { recursive: true })
  }

  function withoutFolder<T>(value: T): T {
    return JSON.parse(JSON.stringify(value).replaceAll(folder, '')) as T
  }
}

/** Ids of root rows that are the same on both paths. */
function numberedIds(): RowIds {
  let number = 0
  return { next: () => `root${String(number++).padStart(9, '0')}A` }
}

async function readRows(path: string, format: 'jsonl' | 'csv' | 'parquet'): Promise<Row[]> {
  if (format === 'parquet') {
    // Columns stand in a file in the order in which they came, which is not the same for a batch of rows.
    return (await readByHyparquet(path)).map((row) =>
      Object.entries(row)
        .filter(([, value]) => value !== null)
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    )
  }
  const text = await readFile(path, 'utf8')
  if (format === 'jsonl') {
    const lines = text.split('\n').filter((line) => line !== '')
    // Values as text: 1 is not 1.0 here, and no digit is lost.
    return lines.map((line) => [...(parseJson(line) as JsonObject).entries()].map(([name, value]) => [name, value]))
  }
  const [header = [], ...cells] = readCsv(text)
  return cells.map((row) =>
    row
      .map((cell, index) => [unquoted(header[index] ?? ''), cell] as const)
      .filter(([, cell]) => cell !== '')
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/** Cells as they stand in the file, quotes included. */
function readCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  const cell = /("(?:[^"]|"")*"|[^,\n]*)(,|\n|$)/gy
  for (let match = cell.exec(text); match !== null && match.index < text.length; match = cell.exec(text)) {
    row.push(match[1]!)
    if (match[2] === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}

function unquoted(text: string): string {
  return text.replace(/^"|"$/g, '')
}

function linked(rows: ReadonlyMap<string, readonly Row[]>): Record<string, readonly Row[]> {
  const places = new Map<string, string>()
  const idOf = (value: unknown): string => unquoted(String(value))
  for (const [table, ofTable] of rows) {
    for (const [index, row] of ofTable.entries()) {
      const id = row.find(([name]) => name === '_dlt_id')?.[1]
      if (id !== undefined) places.set(idOf(id), `${table}[${index}]`)
    }
  }
  const isLink = (name: string): boolean => ['_dlt_id', '_dlt_parent_id', '_dlt_root_id'].includes(name)
  const link = ([name, value]: Row[number]): Row[number] =>
    isLink(name) ? [name, places.get(idOf(value)) ?? `${idOf(value)} is nobody`] : [name, value]
  return Object.fromEntries([...rows].map(([table, ofTable]) => [table, ofTable.map((row) => row.map(link))]))
}
