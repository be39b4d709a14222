import { Double } from '../values/double.ts'
import type { Value } from '../values/value.ts'
import { escapeError, unescaped } from './escapes.ts'
import { JsonObject } from './object.ts'
import { emptyShape, type Shape } from './shape.ts'
import { JsonSyntaxError } from './syntax-error.ts'

/*
 * A JSON reader (RFC 8259) that loses nothing: integers of any size, `1.0` told from `1`, key order, odd keys. What
 * JSON allows but cannot be kept is refused: numbers beyond float64 with a fraction or exponent, lone surrogates.
 * A repeated key keeps its first position and takes its last value.
 */

/** Levels of nesting that a value may have. Deeper ones are refused, as by dlt's reader, before they exhaust the stack. */
export const mostLevels = 1024

/** Objects with more keys than this find repeated keys through a Set instead of a walk over the keys. */
const smallObject = 24

/** Reads one JSON text. @throws {JsonSyntaxError} */
export function parseJson(text: string): Value {
  const reader = new JsonReader(text)
  const value = reader.readValue()
  reader.expectEnd()
  return value
}

/**
 * Reads values one after the other out of one text, so that a block of lines needs no copy of each line.
 *
 * UTF-8 is read without decoding it as a whole: {@link JsonReader.ofUtf8} looks at one character per byte, which is all
 * that JSON's own signs need, and decodes the strings that hold more. Positions are those of bytes then.
 */
export class JsonReader {
  readonly #text: string
  /** The bytes of which `#text` has one character each; undefined where `#text` is the text itself. */
  readonly #bytes: Buffer | undefined
  #end: number
  /** Position of the next character to read. */
  pos: number
  #depth = 0

  constructor(text: string, bytes?: Buffer) {
    this.#text = text
    this.#bytes = bytes
    this.pos = 0
    this.#end = text.length
  }

  /** Reads UTF-8, which the caller has found to be valid. */
  static ofUtf8(bytes: Buffer): JsonReader {
    return new JsonReader(bytes.toString('latin1'), bytes)
  }

  /** Continues with another part of the same text. */
  seek(start: number, end: number): void {
    this.pos = start
    this.#end = end
    this.#depth = 0
  }

  /** Skips white space; true if nothing else is left. */
  atEnd(): boolean {
    return this.#next() === -1
  }

  /** @throws {JsonSyntaxError} if anything but white space is left */
  expectEnd(): void {
    if (!this.atEnd()) throw new JsonSyntaxError(`unexpected ${this.#here()} after the value`, this.pos)
  }

  /** Reads one value of any kind. @throws {JsonSyntaxError} */
  readValue(): Value {
    const char = this.#next()
    switch (char) {
      case 0x7b:
        return this.#readObject()
      case 0x22:
        this.pos++
        return this.#readString()
      case 0x5b:
        return this.#readArray()
      case 0x74:
        return this.#readWord('true', true)
      case 0x66:
        return this.#readWord('false', false)
      case 0x6e:
        return this.#readWord('null', null)
      case -1:
        throw new JsonSyntaxError('unexpected end, expected a value', this.pos)
      default:
        if (char === 0x2d || (char >= 0x30 && char <= 0x39)) return this.#readNumber(char)
        throw new JsonSyntaxError(`unexpected ${this.#here()}, expected a value`, this.pos)
    }
  }

  /**
   * Calls `take` with each element of the array that begins here, without holding them together. `start` is the
   * element's position in the text. Levels of nesting count from the element on.
   */
  readElements(take: (value: Value, start: number) => void): void {
    if (this.#next() !== 0x5b) {
      throw new JsonSyntaxError(`unexpected ${this.#here()}, expected "["`, this.pos)
    }
    this.pos++
    if (this.#next() === 0x5d) this.pos++
    else {
      for (;;) {
        this.#next()
        const start = this.pos
        take(this.readValue(), start)
        if (!this.#endsAfterElement()) continue
        break
      }
    }
  }

  #readObject(): JsonObject {
    const text = this.#text
    this.#enter()
    this.pos++
    let shape: Shape = emptyShape
    const values: Value[] = []
    let seen: Set<string> | undefined
    let char = this.#next()
    if (char === 0x7d) {
      this.pos++
      this.#depth--
      return new JsonObject(shape, values)
    }
    for (;;) {
      if (char !== 0x22) {
        throw new JsonSyntaxError(`unexpected ${this.#here()}, expected a key in double quotes`, this.pos)
      }
      this.pos++
      let repeated = -1
      const predicted = shape.predicted
      if (predicted !== undefined && seen === undefined && isAt(text, predicted.keyText, this.pos)) {
        this.pos += predicted.keyText.length
        shape = predicted
      } else {
        const key = this.#readString()
        let next = seen === undefined ? shape.next(key) : undefined
        if (next === undefined) {
          if (seen === undefined && shape.size > smallObject) seen = new Set(shape.keys)
          const isKnown = seen === undefined ? shape.indexOf(key) >= 0 : seen.has(key)
          if (isKnown) repeated = shape.indexOf(key)
          else {
            next = shape.with(key)
            seen?.add(key)
          }
        } else {
          shape.predict(next)
        }
        if (next !== undefined) shape = next
      }
      if (this.#next() !== 0x3a) throw new JsonSyntaxError(`unexpected ${this.#here()}, expected ":"`, this.pos)
      this.pos++
      const value = this.readValue()
      if (repeated < 0) values.push(value)
      else values[repeated] = value
      char = this.#next()
      this.pos++
      if (char === 0x7d) break
      if (char !== 0x2c) {
        this.pos--
        throw new JsonSyntaxError(`unexpected ${this.#here()}, expected "," or "}"`, this.pos)
      }
      char = this.#next()
    }
    this.#depth--
    return new JsonObject(shape, values)
  }

  #readArray(): Value[] {
    this.#enter()
    this.pos++
    const values: Value[] = []
    if (this.#next() === 0x5d) this.pos++
    else {
      do values.push(this.readValue())
      while (!this.#endsAfterElement())
    }
    this.#depth--
    return values
  }

  /** After an array's element: reads `,` (false) or `]` (true). */
  #endsAfterElement(): boolean {
    const char = this.#next()
    if (char !== 0x2c && char !== 0x5d) {
      throw new JsonSyntaxError(`unexpected ${this.#here()}, expected "," or "]"`, this.pos)
    }
    this.pos++
    return char === 0x5d
  }

  /** Reads the rest of a string whose opening quote is behind us. */
  #readString(): string {
    const text = this.#text
    const start = this.pos
    const end = this.#end
    let pos = start
    let bits = 0
    for (;;) {
      if (pos >= end) throw new JsonSyntaxError('unexpected end inside a string', end)
      const char = text.charCodeAt(pos)
      if (char === 0x22) {
        this.pos = pos + 1
        return this.#slice(start, pos, bits < 0x80)
      }
      if (char === 0x5c) return this.#readEscapedString(start, pos, bits)
      if (char < 0x20) throw new JsonSyntaxError('control character inside a string, escape it', pos)
      bits |= char
      pos++
    }
  }

  /**
   * A string with escapes: their meaning is the engine's to find, once it is known where the string ends.
   *
   * @param seenBits  all bits of the characters before the first escape
   */
  #readEscapedString(start: number, firstEscape: number, seenBits: number): string {
    const text = this.#text
    const end = this.#end
    let pos = firstEscape
    let bits = 0
    let hasUnits = false
    for (;;) {
      if (pos >= end) throw new JsonSyntaxError('unexpected end inside a string', end)
      const char = text.charCodeAt(pos)
      if (char === 0x22) break
      if (char < 0x20) throw new JsonSyntaxError('control character inside a string, escape it', pos)
      if (char === 0x5c) {
        pos++
        if (pos < end && text.charCodeAt(pos) === 0x75) hasUnits = true
      }
      bits |= char
      pos++
    }
    this.pos = pos + 1
    const value = unescaped(this.#slice(start - 1, pos + 1, (bits | seenBits) < 0x80))
    if (value === undefined) throw escapeError(text, firstEscape, pos)
    if (hasUnits && !value.isWellFormed()) throw new JsonSyntaxError('lone surrogate inside a string', start)
    return value
  }

  #readNumber(first: number): Value {
    const text = this.#text
    const start = this.pos
    const end = this.#end
    let pos = first === 0x2d ? start + 1 : start
    const digits = pos
    let value = 0
    let char = pos < end ? text.charCodeAt(pos) : -1
    while (char >= 0x30 && char <= 0x39) {
      value = value * 10 + (char - 0x30)
      pos++
      char = pos < end ? text.charCodeAt(pos) : -1
    }
    const count = pos - digits
    if (count === 0) throw new JsonSyntaxError('a digit must follow the minus sign', pos)
    if (count > 1 && text.charCodeAt(digits) === 0x30) {
      throw new JsonSyntaxError('a number must not begin with zeros', digits)
    }
    if (char !== 0x2e && char !== 0x65 && char !== 0x45) {
      this.pos = pos
      if (count <= 15) return first === 0x2d && value !== 0 ? -value : value
      const big = BigInt(text.slice(start, pos))
      return big >= minSafe && big <= maxSafe ? Number(big) : big
    }
    const number = this.#readFraction(value, count, digits, pos, char)
    const signed = first === 0x2d ? -number : number
    if (!Number.isFinite(number)) throw new JsonSyntaxError('a number beyond the range of a double', start)
    return Number.isInteger(signed) ? new Double(signed) : signed
  }

  /**
   * Reads the rest of a number from its point or exponent on, which is the `char` at `point`. Where all digits are an
   * exact double, their quotient with a power of ten, also exact, is the nearest double (W. D. Clinger, How to Read
   * Floating Point Numbers Accurately, 1990).
   *
   * @param integer  the `count` digits that begin at `digits`
   */
  #readFraction(integer: number, count: number, digits: number, point: number, char: number): number {
    const text = this.#text
    const end = this.#end
    if (char === 0x2e) {
      let pos = point + 1
      let value = integer
      let next = pos < end ? text.charCodeAt(pos) : -1
      while (next >= 0x30 && next <= 0x39) {
        value = value * 10 + (next - 0x30)
        pos++
        next = pos < end ? text.charCodeAt(pos) : -1
      }
      const fraction = pos - point - 1
      if (next !== 0x65 && next !== 0x45 && fraction > 0) {
        this.pos = pos
        return count + fraction <= 15 ? value / (powersOfTen[fraction] as number) : Number(text.slice(digits, pos))
      }
    }
    this.pos = this.#skipFraction(point, char)
    return Number(text.slice(digits, this.pos))
  }

  #skipFraction(from: number, at: number): number {
    let pos = from
    let char = at
    const skipDigits = (what: string): void => {
      const start = pos
      while (pos < this.#end && isDigit(this.#text.charCodeAt(pos))) pos++
      if (pos === start) throw new JsonSyntaxError(`a digit must follow the ${what}`, pos)
      char = pos < this.#end ? this.#text.charCodeAt(pos) : -1
    }
    if (char === 0x2e) {
      pos++
      skipDigits('decimal point')
    }
    if (char === 0x65 || char === 0x45) {
      pos++
      const sign = pos < this.#end ? this.#text.charCodeAt(pos) : -1
      if (sign === 0x2b || sign === 0x2d) pos++
      skipDigits('exponent')
    }
    return pos
  }

  #readWord<Word extends boolean | null>(word: string, value: Word): Word {
    if (!this.#text.startsWith(word, this.pos) || this.pos + word.length > this.#end) {
      throw new JsonSyntaxError(`unexpected ${this.#here()}, expected a value`, this.pos)
    }
    this.pos += word.length
    return value
  }

  /** Skips white space. @returns the character that follows, which stays to be read; -1 at the end */
  #next(): number {
    const text = this.#text
    while (this.pos < this.#end) {
      const char = text.charCodeAt(this.pos)
      if (char > 0x20 || (char !== 0x20 && char !== 0x0a && char !== 0x0d && char !== 0x09)) return char
      this.pos++
    }
    return -1
  }

  /** The text between two positions. */
  #slice(start: number, end: number, isAscii: boolean): string {
    return isAscii || this.#bytes === undefined
      ? this.#text.slice(start, end)
      : this.#bytes.toString('utf8', start, end)
  }

  #enter(): void {
    if (++this.#depth > mostLevels) throw new JsonSyntaxError(`more than ${mostLevels} levels of nesting`, this.pos)
  }

  #here(): string {
    if (this.pos >= this.#end) return 'end'
    const rest = this.#slice(this.pos, Math.min(this.pos + 8, this.#end), false)
    return JSON.stringify(String.fromCodePoint(rest.codePointAt(0) as number))
  }
}

const powersOfTen = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent)
const minSafe = BigInt(Number.MIN_SAFE_INTEGER)
const maxSafe = BigInt(Number.MAX_SAFE_INTEGER)

/** `text.startsWith(part, from)`; for a short part the call would cost more than the loop. */
function isAt(text: string, part: string, from: number): boolean {
  for (let at = 0; at < part.length; at++) if (text.charCodeAt(from + at) !== part.charCodeAt(at)) return false
  return true
}

function isDigit(char: number): boolean {
  return char >= 0x30 && char <= 0x39
}
