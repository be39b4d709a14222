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
import type { SqlLiterals } from './sql-literals.ts'

/**
 * One SQL statement, in dlt's form (`dlt/common/data_writers/writers.py`, `InsertValuesWriter`): `INSERT INTO {}("a","b")`,
 * `VALUES`, a line for each row, `;` at the end. The loader puts the table's name in place of `{}`. A file without rows
 * has the first two lines and no `;`.
 */
export function insertValuesFormat(literals: SqlLiterals): HeaderFormat {
  return {
    header: (names) => `INSERT INTO {}(${names.map((name) => literals.identifier(name)).join(',')})\nVALUES\n`,
    cell: (value, type) => literal(value, type, literals),
    nullCell: 'NULL',
    beforeRow: '(',
    afterRow: ')',
    betweenRows: ',\n',
    end: ';',
  }
}

function literal(value: Exclude<Value, null>, type: DataType | undefined, literals: SqlLiterals): string {
  if (type === 'json') return literals.text(stringifyJson(value))
  switch (typeof value) {
    case 'string':
      return literals.text(value)
    case 'number':
      return Number.isInteger(value) ? String(value) : doubleLiteral(value)
    case 'boolean':
      return value ? 'True' : 'False'
    case 'bigint':
      return value.toString()
    default:
  }
  if (value instanceof Double) return doubleLiteral(value.value)
  if (value instanceof Timestamp || value instanceof DateValue || value instanceof TimeValue)
    return `'${value.toString()}'`
  if (value instanceof HexBytes) return literals.bytes(value.bytes)
  if (value instanceof Uint8Array) return literals.bytes(value)
  return decimalLiteral(value.toString())
}

/**
 * Engines read digits with a point as a decimal first. One of more than 15 digits may end as another double, so that it
 * is written with an exponent, as is every double that has one in Python. NaN and the infinities are null, as in JSON.
 */
function doubleLiteral(value: number): string {
  if (!Number.isFinite(value)) return 'NULL'
  const text = pythonFloatText(value)
  return text.length > 15 && !text.includes('e') ? value.toExponential() : text
}

/** Digits that are exact as a bare number; beyond them, and with an exponent, engines take a number for a double. */
const bareDecimal = /^-?(?=[\d.]{1,38}$)\d+(?:\.\d+)?$/

function decimalLiteral(text: string): string {
  return bareDecimal.test(text) ? text : `'${text}'`
}
