import type { ReadOptions } from '../destination.ts'

type Convert = (text: string) => unknown

/**
 * PostgreSQL's text of a value in JavaScript's form: integers as numbers while they are exact and as bigint beyond,
 * decimals as text with all digits, timestamps as `Date` or exact text, bytes as `Uint8Array`, json parsed or as it
 * stands. What DuckDB gives for the same value.
 *
 * @param type  as `information_schema.columns` has it
 */
export function rowConverter(type: string, options: ReadOptions): Convert {
  const isExact = options.exact === true
  if (type.startsWith('timestamp')) return isExact ? (text) => isoText(text) : toDate
  if (type === 'json' || type === 'jsonb') return isExact ? asIs : (text) => JSON.parse(text) as unknown
  return Object.hasOwn(byType, type) ? (byType[type] as Convert) : asIs
}

const byType: Readonly<Record<string, Convert>> = {
  smallint: Number,
  integer: Number,
  bigint: exactInteger,
  numeric: decimalText,
  real: Number,
  'double precision': Number,
  boolean: (text) => text === 't',
  bytea: bytesOf,
}

/** Types of small results, by the number that stands for them on the wire; what is not here stays text. */
const byOid: Readonly<Record<number, Convert>> = {
  16: (text) => text === 't', // bool
  17: bytesOf, // bytea
  20: BigInt, // int8
  21: Number, // int2
  23: Number, // int4
  26: Number, // oid
  700: Number, // float4
  701: Number, // float8
}

/** For `pg`: values as small results have them, whatever parsers the program has set. */
export const resultTypes: { getTypeParser(oid: number): Convert } = { getTypeParser: (oid) => byOid[oid] ?? asIs }

/** For `pg`: values as the server sends them. */
export const textTypes: { getTypeParser(): Convert } = { getTypeParser: () => asIs }

function asIs(text: string): string {
  return text
}

function exactInteger(text: string): number | bigint {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}

/** Without the zeros that only fill up the column's scale. */
function decimalText(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** `\x` and hexadecimal digits: the session's `bytea_output`. */
function bytesOf(text: string): Uint8Array {
  const bytes = Buffer.from(text.slice(2), 'hex')
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** `2024-01-31 12:00:00.5+00`, perhaps with more digits of the year, or ` BC` at the end. */
const timestampForm = /^(\d{4,})-(\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(\+00)?( BC)?$/

/** ISO 8601 with microseconds where there are some; `infinity` stays. */
function isoText(text: string): string {
  const found = timestampForm.exec(text)
  if (found === null) return text
  const [, year, day, time, fraction, zone] = found
  const digits = fraction === undefined ? '' : `.${fraction.padEnd(6, '0')}`
  return `${isoYear(year as string, found[6] !== undefined)}-${day}T${time}${digits}${zone === undefined ? '' : '+00:00'}`
}

/** What is finer than a millisecond is cut off. */
function toDate(text: string): Date | string {
  const found = timestampForm.exec(text)
  if (found === null) return text
  const [, year, day, time, fraction = ''] = found
  const millis = Date.parse(`${isoYear(year as string, found[6] !== undefined)}-${day}T${time}Z`)
  const micros = Number(fraction.padEnd(6, '0'))
  return new Date(Math.trunc((millis * 1000 + micros) / 1000))
}

/** The year before 1 is 0; with more than four digits it has a sign and six. */
function isoYear(digits: string, isBeforeChrist: boolean): string {
  const year = isBeforeChrist ? 1 - Number(digits) : Number(digits)
  if (year >= 0 && year <= 9999) return String(year).padStart(4, '0')
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(6, '0')}`
}
