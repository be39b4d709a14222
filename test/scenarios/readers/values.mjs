/* Values as scenarios spell them, made of what drivers give. */

/** An integer, as a number where that is exact. */
export function integer(value) {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}

/** A decimal in plain digits, without zeros at the end of its fraction. */
export function decimal(text) {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** A time of the day with six digits behind the second. */
export function time(text) {
  const [clock, fraction = ''] = text.split('.')
  return `${clock}.${fraction.padEnd(6, '0').slice(0, 6)}`
}

/** The text in bytes of UTF-8, whatever it begins with. */
export function utf8(bytes) {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

export function hex(bytes) {
  return Buffer.from(bytes).toString('hex')
}

/** A row without its nulls, which scenarios leave out or not. */
export function row(columns, values) {
  return Object.fromEntries(columns.map((name, at) => [name, values[at]]).filter(([, value]) => value !== null))
}
