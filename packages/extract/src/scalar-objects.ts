import { DateValue, Decimal, Double, HexBytes, TimeValue, Timestamp, Wei } from '@gantry/common'

/*
 * Values of a row that are objects in JavaScript, and one value in a table.
 */

/**
 * The typed JSON text of a Temporal value; undefined for anything else. Its classes, native or of any polyfill, are known
 * by their tag; microseconds are kept, further digits cut.
 */
export function temporalMarker(value: object): string | undefined {
  const tag = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]
  switch (tag) {
    case 'Temporal.Instant':
      return `\uf027${cutFraction(String(value))}`
    case 'Temporal.ZonedDateTime':
      return `\uf027${cutFraction(String((value as { toInstant(): unknown }).toInstant()))}`
    case 'Temporal.PlainDateTime':
      return `\uf027${cutFraction(String(value))}`
    case 'Temporal.PlainDate':
      return `\uf028${String(value)}`
    case 'Temporal.PlainTime':
      return `\uf02d${cutFraction(String(value))}`
    default:
      return undefined
  }
}

function cutFraction(text: string): string {
  return text.replace(/(\.\d{6})\d+/, '$1')
}

export type ExactValue = Double | Decimal | Wei | Timestamp | DateValue | TimeValue | HexBytes

/** Values as Gantry reads them. */
export function isExactValue(value: object): value is ExactValue {
  return exactTypes.some((type) => value instanceof type)
}

const exactTypes = [Double, Decimal, Wei, Timestamp, DateValue, TimeValue, HexBytes] as const

/** decimal.js and its kin, without depending on one of them. */
export function isDecimalJs(value: object): boolean {
  const { constructor } = value
  return (
    typeof constructor === 'function' &&
    (constructor as { isDecimal?: unknown }).isDecimal !== undefined &&
    (constructor as unknown as { isDecimal(value: unknown): boolean }).isDecimal(value)
  )
}
