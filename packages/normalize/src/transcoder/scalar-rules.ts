import type { Fitter } from '../fit.ts'
import type { ColumnState } from '../table-state.ts'
import { parquetTypeOf, type NumericDefaults } from '../writers/parquet/parquet-type.ts'
import {
  flagFraction,
  flagInexact,
  flagIntegers,
  flagMarked,
  kindBool,
  kindDate,
  kindDecimal,
  kindDouble,
  kindDoubleText,
  kindIndex,
  kindInteger,
  kindJson,
  kindNaiveTimestamp,
  kindSlow,
  kindText,
  kindTimestamp,
} from './layout.ts'

/** Which scalars of a column the transcoder takes as they are. */
export interface ScalarRule {
  /** What they must be. */
  readonly kind: number
  readonly flags: number
  readonly takesNull: boolean
  /** Of decimals. */
  readonly decimal?: DecimalForm
}

/** Which decimals are taken, and how Parquet stores them. */
export interface DecimalForm {
  /** Most digits in front of the point and behind it; in Parquet always so many behind it. */
  readonly before: number
  readonly behind: number
  /** In Parquet: 4 or 8 for an integer of that size, else the length of the array. */
  readonly bytes: number
}

/** Digits that 64 bits hold, whatever they are. */
const mostDigits = 18
/** The longest decimals in Parquet that are computed here, in bytes. */
const mostDecimalBytes = 16

/** The formats that the transcoder writes. */
export type TranscodedFormat = 'parquet' | 'jsonl' | 'csv'

export function isTranscoded(format: string): format is TranscodedFormat {
  return format === 'parquet' || format === 'jsonl' || format === 'csv'
}

const slow = { kind: kindSlow, flags: 0 }

/**
 * What of a column's values needs no rule: those of its own type, in the form in which the format has them. A value of
 * another kind that {@link Fitter.fit} would take is left to it until it has taken note of the first one.
 */
export function scalarRules(
  fitter: Fitter,
  format: TranscodedFormat,
  defaults: NumericDefaults,
): (column: ColumnState) => ScalarRule {
  return (column) => ({ ...valueRule(column, fitter, format, defaults), takesNull: takesNull(column) })
}

function takesNull({ type, column, sawNull }: ColumnState): boolean {
  return type === undefined ? sawNull : column?.nullable !== false
}

function valueRule(
  column: ColumnState,
  fitter: Fitter,
  format: TranscodedFormat,
  defaults: NumericDefaults,
): Omit<ScalarRule, 'takesNull'> {
  if (!isWrittenPlain(column, format, defaults)) return slow
  const isNoted = column.judgedAs.includes(column.type) && !fitter.isStrict
  switch (column.type) {
    case 'text':
      return { kind: kindText, flags: 0 }
    case 'bigint':
      return { kind: kindInteger, flags: !column.isNew || column.hasInexactInteger ? flagInexact : 0 }
    case 'double':
      return {
        kind: format === 'parquet' ? kindDouble : kindDoubleText,
        flags: (column.isNew || isNoted ? flagIntegers : 0) | (column.isNew ? 0 : flagFraction),
      }
    case 'bool':
      return { kind: kindBool, flags: 0 }
    case 'json':
      return { kind: kindJson, flags: 0 }
    case 'timestamp':
      return {
        kind: column.column?.timezone === false ? kindNaiveTimestamp : kindTimestamp,
        flags: isNoted ? 0 : flagMarked,
      }
    case 'date':
      return { kind: kindDate, flags: isNoted ? 0 : flagMarked }
    case 'decimal': {
      const decimal = decimalForm(column, format, defaults)
      return decimal === undefined ? slow : { kind: kindDecimal, flags: isNoted ? flagIntegers : flagMarked, decimal }
    }
    default:
      return slow
  }
}

function decimalForm(
  column: ColumnState,
  format: TranscodedFormat,
  defaults: NumericDefaults,
): DecimalForm | undefined {
  if (format !== 'parquet') return { before: mostDigits, behind: mostDigits, bytes: 0 }
  const { physical, size, scale, fixedBytes } = parquetTypeOf(column, defaults)
  if (fixedBytes > mostDecimalBytes || scale > mostDigits) return undefined
  const bytes = physical === 'int32' ? 4 : physical === 'int64' ? 8 : fixedBytes
  return { before: Math.min(size - scale, mostDigits), behind: scale, bytes }
}

/** True for ids, links and positions whose columns have the type that they are written in. */
export function hasSystemType(
  column: ColumnState,
  kind: number,
  format: TranscodedFormat,
  defaults: NumericDefaults,
): boolean {
  return column.type === (kind === kindIndex ? 'bigint' : 'text') && isWrittenPlain(column, format, defaults)
}

/** In Parquet each type has one width here; narrower integers and the like go the other way. */
function isWrittenPlain(column: ColumnState, format: TranscodedFormat, defaults: NumericDefaults): boolean {
  if (column.type === undefined) return false
  if (format !== 'parquet') return true
  const { kind, size } = parquetTypeOf(column, defaults)
  return kind === (column.type === 'bigint' ? 'int64' : column.type) && (kind !== 'timestamp' || size === 6)
}
