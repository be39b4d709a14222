import type { Decimal, Timestamp, Value, Wei } from '@gantry/common'
import { decimalOf, unixMicros } from './encode-value.ts'
import type { ParquetType } from './parquet-type.ts'
import { tryUnscaled } from './unscaled.ts'

const two63 = 2 ** 63

/**
 * True for a value of the column's type that a column of a file holds, too. Integers of few bits, decimals and nanoseconds
 * have bounds of their own, which the column at the destination may have or not.
 */
export function holdsValue(type: ParquetType, value: Value): boolean {
  switch (type.kind) {
    case 'int64':
      return typeof value === 'number' ? value >= -two63 && value < two63 : isInt64(value as bigint)
    case 'int32': {
      const end = 2 ** (type.size - 1)
      return Number(value) >= -end && Number(value) < end
    }
    case 'decimal':
      return tryUnscaled(decimalOf(value as Decimal | Wei | number | bigint), type.size, type.scale) !== undefined
    case 'timestamp':
      return type.size <= 6 || isInt64(unixMicros(value as Timestamp) * 1000n)
    default:
      return true
  }
}

function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value
}
