import {
  base64Text,
  compareDecimals,
  type DataType,
  type DateValue,
  Decimal,
  Double,
  double,
  HexBytes,
  integerValue,
  JsonObject,
  parseJson,
  pythonFloatText,
  stringifyJson,
  strip,
  stripMarkers,
  TimeValue,
  Timestamp,
  tryDecimal,
  tryFloat,
  tryHexInteger,
  tryHexPairs,
  tryInteger,
  tryStrictBase64,
  tryTemporal,
  tryTimestampOfUnixSeconds,
  type Value,
  Wei,
} from '@gantry/common'

/*
 * The coercion matrix of dlt (`dlt/common/data_types/type_helpers.py`, `coerce_value`): one function for each target
 * type, in which a source kind that is not named always fails. Gantry departs in two points: every error is a failed
 * coercion and so makes a variant column, where dlt ends the run on some (quirk ledger Q3); and the timezone rule holds
 * for native timestamps too (Q4).
 */

/** The answer for a value that does not fit the type: it goes to a variant column. */
export const cannot: unique symbol = Symbol('cannot')

/** A wei beyond the range that dlt gives the type: it is stored as `text` in the variant column `<column>__v_str`. */
export class WeiOutOfRange {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** What a coercion says. Null is JSON's null, which the text `null` is in a json column. */
export type Coerced = Value | typeof cannot | WeiOutOfRange

/** What of a column decides about a coercion. */
export interface CoercionTarget {
  readonly timezone?: boolean | null
}

/** A value that is there. */
export type Present = Exclude<Value, null>

/**
 * `value`, of the given kind, as a value of `toType`. Never throws.
 *
 * Where kind and type are equal the value comes back as it is, except timestamps (timezone rule of `column`) and wei
 * (range): a caller may skip the call for the others.
 */
export function coerce(value: Present, kind: DataType, toType: DataType, column?: CoercionTarget): Coerced {
  if (kind === toType) {
    if (kind === 'timestamp') return applyTimezone(value as Timestamp, column)
    return kind === 'wei' ? toWei(value, kind) : value
  }
  switch (toType) {
    case 'text':
      return toText(value, kind)
    case 'bigint':
      return toBigint(value, kind)
    case 'double':
      return toDouble(value, kind)
    case 'bool':
      return toBool(value, kind)
    case 'timestamp': {
      const timestamp = toTimestamp(value, kind)
      return timestamp === cannot ? cannot : applyTimezone(timestamp, column)
    }
    case 'date':
      return toDate(value, kind)
    case 'time':
      return toTime(value, kind)
    case 'binary':
      return toBinary(value, kind)
    case 'json':
      return kind === 'text' ? toJson(value as string) : cannot
    case 'decimal':
      return toDecimal(value, kind) ?? cannot
    case 'wei':
      return toWei(value, kind)
  }
}

/**
 * The timestamp as its column holds it: shifted to UTC, with offset 0 or, in a column with `timezone: false`, naive. A
 * naive timestamp is taken to be in UTC. The zone of the system plays no part. `cannot` where the instant in UTC is
 * outside the years 1 to 9999.
 */
export function applyTimezone(timestamp: Timestamp, column?: CoercionTarget): Timestamp | typeof cannot {
  if (column?.timezone === false && timestamp.offsetMinutes === undefined) return timestamp
  const utc = timestamp.tryUtc()
  if (utc === undefined) return cannot
  return column?.timezone === false ? utc.toNaive() : utc
}

function toText(value: Present, kind: DataType): string {
  switch (kind) {
    case 'bool':
      return value === true ? 'True' : 'False'
    case 'double':
      return pythonFloatText(doubleOf(value))
    case 'json':
      return stringifyJson(stripMarkers(value))
    case 'binary':
      return value instanceof HexBytes ? value.toString() : base64Text(value as Uint8Array)
    default:
      return String(value)
  }
}

function toBigint(value: Present, kind: DataType): Coerced {
  switch (kind) {
    case 'text':
      return textInteger(value as string) ?? cannot
    case 'double': {
      const number = doubleOf(value)
      return Number.isInteger(number) ? integerValue(BigInt(number)) : cannot
    }
    case 'decimal':
    case 'wei': {
      const integer = decimalOf(value).tryInteger(maxIntegerDigits)
      return integer === undefined ? cannot : integerValue(integer)
    }
    default:
      return cannot
  }
}

/** dlt takes the remainder in Python's default decimal context, which fails when the quotient is longer. */
const maxIntegerDigits = 28

/** A hexadecimal `0x…` or decimal integer. The prefix has to be lower case and without sign. */
function textInteger(text: string): number | bigint | undefined {
  const hex = hexInteger(text)
  if (hex === undefined) return tryInteger(text)
  return hex === cannot ? undefined : integerValue(hex)
}

/** The integer of `0x…` text; `cannot` where it begins so but is none, undefined for other text. */
function hexInteger(text: string): bigint | typeof cannot | undefined {
  const form = strip(text)
  if (!form.startsWith('0x')) return undefined
  return tryHexInteger(form.slice(2)) ?? cannot
}

function toDouble(value: Present, kind: DataType): Coerced {
  switch (kind) {
    case 'text': {
      const hex = hexInteger(value as string)
      if (hex === cannot) return cannot
      if (hex !== undefined) return finiteDouble(Number(hex))
      const number = tryFloat(value as string)
      return number === undefined ? cannot : double(number)
    }
    case 'bigint':
      return finiteDouble(Number(value))
    case 'decimal':
    case 'wei': {
      if (typeof value === 'bigint') return finiteDouble(Number(value))
      const decimal = decimalOf(value)
      if (!decimal.isFinite) return decimal.special === 'sNaN' ? cannot : decimal.toNumber()
      return finiteDouble(decimal.toNumber())
    }
    default:
      return cannot
  }
}

/** A number too large for a double would be lost as infinity. */
function finiteDouble(number: number): Coerced {
  return Number.isFinite(number) ? double(number) : cannot
}

function toBool(value: Present, kind: DataType): Coerced {
  switch (kind) {
    case 'text':
      return boolWords.get((value as string).toLowerCase()) ?? cannot
    case 'bigint':
      return Number(value) !== 0
    case 'double':
      return doubleOf(value) !== 0
    case 'decimal':
    case 'wei':
      return !decimalOf(value).isZero
    default:
      return cannot
  }
}

const boolWords: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['true', true],
  ['t', true],
  ['y', true],
  ['1', true],
  ['no', false],
  ['false', false],
  ['f', false],
  ['n', false],
  ['0', false],
])

/** Before the timezone rule. */
function toTimestamp(value: Present, kind: DataType): Timestamp | typeof cannot {
  switch (kind) {
    case 'text':
      return textTimestamp(value as string)
    case 'bigint':
      return tryTimestampOfUnixSeconds(Number(value)) ?? cannot
    case 'double':
      return tryTimestampOfUnixSeconds(doubleOf(value)) ?? cannot
    case 'date':
      return new Timestamp((value as DateValue).days, 0)
    default:
      return cannot
  }
}

/** A datetime, a date (its midnight), or Unix seconds. */
function textTimestamp(text: string): Timestamp | typeof cannot {
  const seen = tryTemporal(text)
  if (seen instanceof Timestamp) return seen
  if (seen instanceof TimeValue) return cannot
  if (seen !== undefined) return new Timestamp(seen.days, 0)
  const seconds = tryFloat(text)
  return seconds === undefined ? cannot : (tryTimestampOfUnixSeconds(seconds) ?? cannot)
}

function toDate(value: Present, kind: DataType): Coerced {
  const timestamp = kind === 'timestamp' ? (value as Timestamp) : kind === 'date' ? cannot : toTimestamp(value, kind)
  return timestamp === cannot ? cannot : (timestamp.tryUtc()?.toDate() ?? cannot)
}

function toTime(value: Present, kind: DataType): Coerced {
  const seen = kind === 'text' ? tryTemporal(value as string) : undefined
  return seen instanceof TimeValue ? seen : cannot
}

function toBinary(value: Present, kind: DataType): Coerced {
  if (kind === 'text') {
    const text = value as string
    return (text.startsWith('0x') ? tryHexPairs(text.slice(2)) : tryStrictBase64(text)) ?? cannot
  }
  return kind === 'bigint' ? littleEndian(BigInt(value as number | bigint)) : cannot
}

/** The fewest bytes that hold the integer, lowest first; none for 0. */
function littleEndian(integer: bigint): Uint8Array | typeof cannot {
  if (integer < 0n) return cannot
  const bytes: number[] = []
  for (let rest = integer; rest > 0n; rest >>= 8n) bytes.push(Number(rest & 0xffn))
  return Uint8Array.from(bytes)
}

function toJson(text: string): Coerced {
  try {
    return withoutHugeIntegers(parseJson(text))
  } catch {
    return cannot
  }
}

/** Integers in text are read as dlt reads them: those that fit neither signed nor unsigned 64 bits become doubles. */
function withoutHugeIntegers(value: Value): Value {
  if (typeof value === 'bigint') {
    return value >= -(2n ** 63n) && value < 2n ** 64n ? value : double(finiteNumber(value))
  }
  if (value instanceof JsonObject) {
    const { values } = value
    for (let at = 0; at < values.length; at++) values[at] = withoutHugeIntegers(values[at] as Value)
    return value
  }
  return Array.isArray(value) ? value.map(withoutHugeIntegers) : value
}

function finiteNumber(value: bigint): number {
  const number = Number(value)
  if (!Number.isFinite(number)) throw new RangeError('integer is too large for a double')
  return number
}

/** For every kind that has an exact decimal value. */
function toDecimal(value: Present, kind: DataType): Decimal | undefined {
  switch (kind) {
    case 'text': {
      const hex = hexInteger(value as string)
      if (hex === undefined) return tryDecimal(value as string)
      return hex === cannot ? undefined : Decimal.ofInteger(hex)
    }
    case 'bigint':
    case 'decimal':
    case 'wei':
      return decimalOf(value)
    case 'double':
      return Decimal.ofDouble(doubleOf(value))
    default:
      return undefined
  }
}

const minWeiInteger = -578960446186580977117854925043439539267n
const maxWeiInteger = 578960446186580977117854925043439539266n
const minWei = Decimal.ofInteger(minWeiInteger)
const maxWei = Decimal.ofInteger(maxWeiInteger)

function toWei(value: Present, kind: DataType): Coerced {
  const integer = value instanceof Wei ? value.value : value
  if (typeof integer === 'bigint') {
    if (integer < minWeiInteger || integer > maxWeiInteger) return new WeiOutOfRange(integer.toString())
    return value instanceof Wei ? value : new Wei(integer)
  }
  const decimal = toDecimal(value, kind)
  // A NaN has no place in a range, which in dlt is an error of another kind (Q3).
  if (decimal === undefined || decimal.isNaN) return cannot
  if (compareDecimals(decimal, minWei) < 0 || compareDecimals(decimal, maxWei) > 0) {
    return new WeiOutOfRange(decimal.toString())
  }
  return value instanceof Wei ? value : new Wei(decimal)
}

/** The number in a value of kind `double`. */
function doubleOf(value: Present): number {
  return value instanceof Double ? value.value : (value as number)
}

/** The exact value of an integer, decimal or wei. */
function decimalOf(value: Present): Decimal {
  if (value instanceof Decimal) return value
  return value instanceof Wei ? value.decimal : Decimal.ofInteger(value as number | bigint)
}
