import {
  DateValue,
  Double,
  HexBytes,
  pythonFloatText,
  stringifyJson,
  Timestamp,
  TimeValue,
  type DataType,
  type Value,
} from '@gantry/common'
import type { HeaderFormat } from './header-writer.ts'

/**
 * CSV as dlt writes it by default (`dlt/common/data_writers/writers.py`, `CsvWriter`): commas, LF, a header, `"` doubled,
 * and quotes around everything but numbers and `True` and `False`. Unlike dlt, null is nothing at all, where `""` is the
 * empty text, and binary is `\x` and hexadecimal digits. In a file of one column, null is an empty line, which DuckDB and
 * PostgreSQL read as such.
 */
export const csvFormat: HeaderFormat = {
  header: (names) => `${names.map(quote).join(',')}\n`,
  cell,
  nullCell: '',
  beforeRow: '',
  afterRow: '',
  betweenRows: '\n',
  end: '\n',
  *batch(batch, columns) {
    for (const lines of batch.csv(columns)) yield lines.subarray(0, -1)
  },
}

function cell(value: Exclude<Value, null>, type: DataType | undefined): string {
  if (type === 'json') return quote(stringifyJson(value))
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
      return Number.isInteger(value) ? String(value) : doubleCell(value)
    case 'boolean':
      return value ? 'True' : 'False'
    case 'bigint':
      return value.toString()
    default:
  }
  if (value instanceof Double) return doubleCell(value.value)
  if (value instanceof Timestamp) return `"${value.toString().replace('T', ' ')}"`
  if (value instanceof DateValue || value instanceof TimeValue) return `"${value.toString()}"`
  if (value instanceof HexBytes) return bytesCell(value.bytes)
  if (value instanceof Uint8Array) return bytesCell(value)
  // Decimal and wei.
  return value.toString()
}

/** NaN and the infinities are null, as in JSON. */
function doubleCell(value: number): string {
  return Number.isFinite(value) ? pythonFloatText(value) : csvFormat.nullCell
}

function bytesCell(bytes: Uint8Array): string {
  return `"\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}"`
}

function quote(text: string): string {
  return `"${text.includes('"') ? text.replaceAll('"', '""') : text}"`
}
