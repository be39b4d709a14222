import { quoteIdentifier } from '../../sql/identifier.ts'
import type { ReadOptions, Row } from '../destination.ts'
import type { DuckdbStream } from './duckdb-driver.ts'

/**
 * The rows of a result as plain objects, chunk by chunk.
 *
 * @param encoded  columns of text that were asked for as bytes, see {@link selectRows}
 */
export async function* readRows(
  result: DuckdbStream,
  options: ReadOptions = {},
  encoded: ReadonlySet<string> = new Set(),
): AsyncGenerator<Row> {
  const names = result.columnNames()
  const convert = result
    .columnTypes()
    .map((type, index) =>
      encoded.has(names[index] as string) ? textOfBytes : converter(type.alias ?? type.toString(), options),
    )
  for await (const rows of result.yieldRows()) {
    for (const values of rows) {
      const row: Row = {}
      for (let index = 0; index < names.length; index++) {
        const value = values[index]
        const name = names[index] as string
        const converted = value === null || value === undefined ? null : convert[index]!(value)
        // A column may be called __proto__, which plain assignment would take as something else.
        if (name === '__proto__')
          Object.defineProperty(row, name, { value: converted, enumerable: true, writable: true, configurable: true })
        else row[name] = converted
      }
      yield row
    }
  }
}

/**
 * The statement that reads a table's rows. Texts are asked for as bytes: the driver would take a byte order mark off the
 * start of a text, and so give another one than is stored.
 *
 * @param columns  names and DuckDB types
 */
export function selectRows(
  table: string,
  columns: readonly (readonly [name: string, type: string])[],
): { readonly sql: string; readonly encoded: ReadonlySet<string> } {
  const encoded = new Set(columns.filter(([, type]) => type === 'VARCHAR').map(([name]) => name))
  const list = columns.map(([name]) => {
    const quoted = quoteIdentifier(name)
    return encoded.has(name) ? `encode(${quoted}) AS ${quoted}` : quoted
  })
  return { sql: `SELECT ${list.join(', ')} FROM ${table}`, encoded }
}

type Convert = (value: unknown) => unknown

function textOfBytes(value: unknown): string {
  const { bytes } = value as { bytes: Uint8Array }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
}

/**
 * DuckDB's value in JavaScript's form: integers as numbers while they are exact and as bigint beyond, decimals as text
 * with all digits, timestamps as `Date` or exact text, bytes as `Uint8Array`, json parsed or exact text.
 */
function converter(type: string, options: ReadOptions): Convert {
  if (/^(BIGINT|HUGEINT|UBIGINT|UHUGEINT)$/.test(type)) return exactInteger
  if (type.startsWith('DECIMAL')) return decimalText
  if (type.startsWith('TIMESTAMP')) return options.exact === true ? isoText(type) : toDate(type)
  if (type === 'DATE' || type.startsWith('TIME')) return String
  if (type === 'BLOB') return (value) => new Uint8Array((value as { bytes: Uint8Array }).bytes)
  if (type === 'JSON')
    return options.exact === true ? (value) => value : (value) => JSON.parse(value as string) as unknown
  return (value) => value
}

function exactInteger(value: unknown): unknown {
  const integer = value as bigint
  return integer >= Number.MIN_SAFE_INTEGER && integer <= Number.MAX_SAFE_INTEGER ? Number(integer) : integer
}

/** Without the zeros that only fill up the column's scale. */
function decimalText(value: unknown): string {
  const text = String(value)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

const microsPerMilli = 1000n

function toDate(type: string): Convert {
  return (value) => new Date(Number(microsOf(value, type) / microsPerMilli))
}

function isoText(type: string): Convert {
  const zone = type.includes('WITH TIME ZONE') ? '+00:00' : ''
  return (value) => {
    const micros = microsOf(value, type)
    const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
    const text = new Date(Number((micros - fraction) / microsPerMilli)).toISOString().slice(0, 19)
    return `${text}${fraction === 0n ? '' : `.${String(fraction).padStart(6, '0')}`}${zone}`
  }
}

function microsOf(value: unknown, type: string): bigint {
  const held = value as {
    micros?: bigint
    seconds?: bigint
    millis?: bigint
    milliseconds?: bigint
    nanos?: bigint
    nanoseconds?: bigint
  }
  if (held.micros !== undefined) return held.micros
  if (held.seconds !== undefined) return held.seconds * 1_000_000n
  const millis = held.millis ?? held.milliseconds
  if (millis !== undefined) return millis * 1000n
  const nanos = held.nanos ?? held.nanoseconds
  if (nanos !== undefined) return nanos / 1000n
  throw new TypeError(`no instant in a value of type ${type}`)
}
