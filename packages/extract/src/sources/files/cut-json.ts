import type { JobWriter } from '../../job-writer.ts'
import { InputError, readInput, type Input } from './input.ts'
import { Utf8Check } from './utf8-check.ts'

/**
 * Cuts a JSON file into lines, one row each, in one pass and constant memory: the elements of an array at the top, or
 * each value at the top (one object, or several one after the other). Only brackets, quotes and commas are looked at;
 * normalize checks the rest.
 *
 * @returns rows written
 * @throws {InputError} the file is empty, is cut off, or its top level is not JSON; line and column say where
 */
export async function cutJson(
  input: Input,
  writer: JobWriter,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<{ readonly rows: number }> {
  const cutter = new JsonCutter(input.path)
  const utf8 = new Utf8Check(input.path)
  let bytes = 0
  for await (const chunk of readInput(input, signal)) {
    utf8.add(chunk, cutter.line)
    bytes += chunk.length
    for (const part of cutter.cut(chunk)) await writer.write(part)
    onBytes(bytes)
  }
  utf8.end(cutter.line)
  for (const part of cutter.end()) await writer.write(part)
  return { rows: cutter.rows }
}

const newline = Buffer.from('\n')

/** Where the scanner is at the top level. */
type Place =
  /** Nothing but white space yet. */
  | 'start'
  /** In the array, a value must follow; after `[` it may end instead. */
  | 'first'
  | 'value'
  /** In the array, after a value. */
  | 'comma'
  /** Values without an array around them. */
  | 'between'
  /** Behind the array. */
  | 'end'

export class JsonCutter {
  rows = 0
  /** Lines before the current one. */
  line = 0
  readonly #path: string
  #place: Place = 'start'
  #depth = 0
  #isString = false
  #isEscape = false
  /** Inside a number or word at the top level. */
  #isBare = false
  #isArray = false
  #column = 0
  #marks = 0

  constructor(path: string) {
    this.#path = path
  }

  /** The parts of the chunk that belong to rows, with line feeds after them. Changes line breaks in `chunk`. */
  *cut(chunk: Buffer): Generator<Buffer> {
    let from = -1
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number
      this.#column++
      if (this.#isString) {
        if (this.#isEscape) this.#isEscape = false
        else if (byte === 0x5c) this.#isEscape = true
        else if (byte === 0x22) {
          this.#isString = false
          if (this.#depth > 0) continue
          yield chunk.subarray(from < 0 ? 0 : from, at + 1)
          yield this.#finishRow()
          from = -1
        } else if (byte === 0x0a) throw this.#error('a line break inside a text, escape it as \\n')
        continue
      }
      const isSpace = byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
      if (
        this.#isBare &&
        (isSpace || byte === 0x2c || byte === 0x5d || byte === 0x5b || byte === 0x7b || byte === 0x22)
      ) {
        this.#isBare = false
        yield chunk.subarray(from < 0 ? 0 : from, at)
        yield this.#finishRow()
        from = -1
      }
      if (byte === 0x0a) {
        this.line++
        this.#column = 0
      }
      if (this.#depth > 0) {
        if (from < 0) from = 0
        if (byte === 0x22) this.#isString = true
        else if (byte === 0x7b || byte === 0x5b) this.#depth++
        else if (byte === 0x0a || byte === 0x0d) chunk[at] = 0x20
        else if (byte === 0x7d || byte === 0x5d) {
          this.#depth--
          if (this.#depth > 0) continue
          yield chunk.subarray(from, at + 1)
          yield this.#finishRow()
          from = -1
        }
        continue
      }
      if (isSpace || this.#isBare) continue
      if (this.#isMark(byte)) continue
      if (this.#takesTop(byte)) continue
      from = at
      if (byte === 0x22) this.#isString = true
      else if (byte === 0x7b || byte === 0x5b) this.#depth = 1
      else this.#isBare = true
    }
    if (this.#depth > 0 || this.#isString || this.#isBare) yield chunk.subarray(from < 0 ? 0 : from)
  }

  /** Checks that the file ends where it may. */
  *end(): Generator<Buffer> {
    if (this.#isBare && !this.#isArray) yield this.#finishRow()
    else if (this.#place === 'start' && !this.#isBare && this.#depth === 0 && !this.#isString) {
      throw new InputError(`${this.#path} is empty. Expected a JSON array or object.`, { path: this.#path })
    } else if (this.#isString || this.#depth > 0 || (this.#isArray && this.#place !== 'end')) {
      throw this.#error('the file is cut off: it ends inside a value. Fetch it again')
    }
  }

  #finishRow(): Buffer {
    this.rows++
    this.#place = this.#isArray ? 'comma' : 'between'
    return newline
  }

  /** A byte at the top level that belongs to no row: the array's brackets and commas. False: a value begins here. */
  #takesTop(byte: number): boolean {
    switch (this.#place) {
      case 'start':
        if (byte !== 0x5b) return false
        this.#isArray = true
        this.#place = 'first'
        return true
      case 'first':
      case 'value':
        if (byte === 0x5d && this.#place === 'first') this.#place = 'end'
        else if (byte === 0x5d || byte === 0x2c || byte === 0x7d) throw this.#error('expected a value')
        else return false
        return true
      case 'comma':
        if (byte === 0x2c) this.#place = 'value'
        else if (byte === 0x5d) this.#place = 'end'
        else throw this.#error('expected "," or "]" after an element')
        return true
      case 'between':
        if (byte === 0x2c || byte === 0x5d || byte === 0x7d)
          throw this.#error(`unexpected "${String.fromCharCode(byte)}"`)
        return false
      case 'end':
        throw this.#error('unexpected text after the array')
    }
  }

  #isMark(byte: number): boolean {
    if (this.#place !== 'start' || this.#marks >= 3 || byte !== [0xef, 0xbb, 0xbf][this.#marks]) return false
    this.#marks++
    return true
  }

  #error(reason: string): InputError {
    const [line, column] = [this.line + 1, this.#column]
    return new InputError(`${this.#path}, line ${line}, column ${column}: ${reason}.`, {
      path: this.#path,
      line,
      column,
    })
  }
}
