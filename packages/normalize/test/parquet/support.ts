import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as zlib from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Column, DataType, Value } from '@gantry/common'
import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { afterEach, expect } from 'vitest'
import { ColumnState } from '../../src/table-state.ts'
import { openWriter, type WriterCapabilities } from '../../src/writers/open-writer.ts'
import type { PageCompression } from '../../src/writers/parquet/compression.ts'
import type { RowWriter } from '../../src/writers/row-writer.ts'

/** Removes after each test the folders that it made. @returns makes one */
export function temporaryFolders(): () => string {
  const folders: string[] = []
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'gantry-parquet-'))
    folders.push(folder)
    return folder
  }
}

/** A column that the package has made. */
export type NewColumn = Omit<Column, 'name' | 'data_type'> & { readonly data_type: DataType }

/** A table `t` whose rows are written as objects. */
export class TestTable {
  readonly columns: Map<string, ColumnState> = new Map()

  constructor(columns: Readonly<Record<string, NewColumn | DataType>> = {}) {
    for (const [name, column] of Object.entries(columns)) {
      this.add(name, typeof column === 'string' ? { data_type: column } : column)
    }
  }

  add(name: string, column: NewColumn): ColumnState {
    const state = new ColumnState(name, this.columns.size, { name, ...column }, true, false)
    this.columns.set(name, state)
    return state
  }

  /** As happens when a double comes to a column of integers. */
  widen(name: string): void {
    const state = this.columns.get(name)!
    state.type = 'double'
    state.column = { ...state.column!, data_type: 'double' }
  }

  open(
    path: string,
    options: { readonly compression?: PageCompression; readonly capabilities?: Partial<WriterCapabilities> } = {},
  ): RowWriter {
    return openWriter(
      'parquet',
      path,
      { decimalPrecision: [38, 9], weiPrecision: [38, 0], sqlLiterals: 'duckdb', ...options.capabilities },
      {
        table: { name: 't', columns: this.columns, completeColumns: () => [], noteChange: () => undefined },
        compression: options.compression ?? 'none',
      },
    )
  }

  /** Writes a row; nulls are left out. @returns false where the file takes it no more */
  write(writer: RowWriter, row: Readonly<Record<string, Value>>): boolean {
    const entries = Object.entries(row).filter(([, value]) => value !== null)
    return writer.write(
      entries.map(([name]) => this.columns.get(name)!),
      entries.map(([, value]) => value),
      entries.length,
    )
  }
}

/** Path for a file of table `t` in a folder. */
export function filePath(folder: string, number = 1): string {
  return join(folder, `t.${String(number).padStart(10, '0')}.0.parquet`)
}

/** Rows of a query on DuckDB without a database. */
export async function queryDuckdb(sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await connection.run("SET TimeZone = 'UTC'")
    return (await connection.runAndReadAll(sql)).getRowsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Columns of a file as `name TYPE`, in DuckDB's words. */
export async function duckdbColumns(path: string): Promise<string[]> {
  const rows = await queryDuckdb(`DESCRIBE SELECT * FROM read_parquet('${path}')`)
  return rows.map(([name, type]) => `${String(name)} ${String(type)}`)
}

/** Rows of a file in one form for all readers. Instants and times in microseconds, dates in days, bytes in hexadecimal. */
export type Rows = Record<string, string | number | boolean | null>[]

/** The first row in which two readings differ, for when there are too many to show. */
export function firstDifference(found: Rows, expected: Rows): unknown {
  for (let row = 0; row < Math.max(found.length, expected.length); row++) {
    if (JSON.stringify(found[row]) !== JSON.stringify(expected[row]))
      return { row, found: found[row], expected: expected[row] }
  }
  return undefined
}

/** The rows of a file as DuckDB reads them. */
export async function readByDuckdb(path: string): Promise<Rows> {
  const columns = (await duckdbColumns(path)).map((column) => {
    const at = column.lastIndexOf(' ', column.indexOf('WITH') < 0 ? undefined : column.indexOf(' TIMESTAMP'))
    return { name: column.slice(0, at), type: column.slice(at + 1) }
  })
  const rows = await queryDuckdb(
    `SELECT ${columns.map(({ name, type }) => duckdbText(`"${name}"`, type)).join(', ')} FROM read_parquet('${path}')`,
  )
  return rows.map((row) =>
    Object.fromEntries(
      columns.map(({ name, type }, index) => {
        const text = row[index] as string | boolean | null
        return [name, type === 'DOUBLE' && text !== null ? doubleOf(text as string) : text]
      }),
    ),
  )
}

function duckdbText(name: string, type: string): string {
  if (type === 'BOOLEAN') return name
  if (type.startsWith('TIMESTAMP')) return `epoch_us(${name})::VARCHAR`
  if (type === 'DATE') return `(${name} - DATE '1970-01-01')::VARCHAR`
  if (type === 'TIME') return `(epoch_ns(${name}) // 1000)::VARCHAR`
  return type === 'BLOB' ? `lower(hex(${name}))` : `${name}::VARCHAR`
}

function doubleOf(text: string): number {
  const word = text.toLowerCase()
  if (word === 'nan') return NaN
  return word === 'inf' ? Infinity : word === '-inf' ? -Infinity : Number(text)
}

/** The rows of a file as hyparquet reads them; it makes doubles of decimals. */
export async function readByHyparquet(path: string): Promise<Rows> {
  const bytes = readFileSync(path)
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
  const { schema } = parquetMetadata(file)
  const logical = new Map(schema.map((element) => [element.name, element.logical_type?.type]))
  const rows = await parquetReadObjects({
    file,
    utf8: false,
    compressors: { GZIP: (input) => zlib.gunzipSync(input), ZSTD: (input) => expandZstd(input) },
    parsers: {
      timestampFromMicroseconds: String,
      timestampFromNanoseconds: (nanos) => String(nanos / 1000n),
      dateFromDays: String,
    },
  })
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, plainOf(value, logical.get(name) === 'INTEGER')]),
    ),
  )
}

function expandZstd(input: Uint8Array): Uint8Array {
  return (zlib as unknown as { zstdDecompressSync(bytes: Uint8Array): Uint8Array }).zstdDecompressSync(input)
}

function plainOf(value: unknown, isShortInteger: boolean): string | number | boolean | null {
  if (value === null || value === undefined) return null
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  return typeof value === 'bigint' || isShortInteger ? String(value) : (value as string | number | boolean)
}

/**
 * A Python with pyarrow: that of GANTRY_TEST_PYTHON, which must have it, else `python3` where that one happens to.
 */
export const python: string | undefined = findPython()

function findPython(): string | undefined {
  const wanted = process.env['GANTRY_TEST_PYTHON']
  const command = wanted ?? 'python3'
  const { status, stderr } = spawnSync(command, ['-c', 'import pyarrow'], { encoding: 'utf8' })
  if (status === 0) return command
  if (wanted !== undefined) throw new Error(`GANTRY_TEST_PYTHON=${wanted} cannot import pyarrow: ${stderr}`)
  process.stderr.write('Skipped: reading Parquet files by pyarrow. Set GANTRY_TEST_PYTHON to a Python that has it.\n')
  return undefined
}

const pyarrowProgram = `
import decimal, json, sys
import pyarrow as pa, pyarrow.parquet as pq
def text(value):
    if value is None: return None
    if isinstance(value, bytes): return value.hex()
    if isinstance(value, decimal.Decimal): return format(value, 'f')
    return value if isinstance(value, (bool, str)) else repr(value) if isinstance(value, float) else str(value)
table = pq.read_table(sys.argv[1])
columns = {}
for field in table.schema:
    column = table.column(field.name)
    if pa.types.is_temporal(field.type):
        unit = getattr(field.type, 'unit', None)
        column = column.cast(pa.int32() if pa.types.is_date32(field.type) else pa.int64())
        columns[field.name] = [None if v is None else str(v // 1000 if unit == 'ns' else v) for v in column.to_pylist()]
    else:
        columns[field.name] = [text(v) for v in column.to_pylist()]
print(json.dumps({'types': {field.name: str(field.type) for field in table.schema}, 'rows': table.num_rows, 'columns': columns}))
`

/** The rows of a file as pyarrow reads them, and the types of its columns in pyarrow's words. */
export function readByPyarrow(path: string): { readonly types: Record<string, string>; readonly rows: Rows } {
  const { status, stdout, stderr } = spawnSync(python!, ['-c', pyarrowProgram, path], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(stderr)
  const answer = JSON.parse(stdout) as {
    types: Record<string, string>
    rows: number
    columns: Record<string, (string | boolean | null)[]>
  }
  const rows = Array.from({ length: answer.rows }, (_, index) =>
    Object.fromEntries(
      Object.entries(answer.columns).map(([name, values]) => {
        const value = values[index] as string | boolean | null
        return [name, answer.types[name] === 'double' && value !== null ? doubleOf(value as string) : value]
      }),
    ),
  )
  return { types: answer.types, rows }
}

/** The rows of a file as all readers have them that are there; they have to agree. */
export async function readByAll(path: string): Promise<Rows> {
  const rows = await readByDuckdb(path)
  expect(await readByHyparquet(path)).toEqual(rows)
  if (python !== undefined) expect(readByPyarrow(path).rows).toEqual(rows)
  return rows
}
