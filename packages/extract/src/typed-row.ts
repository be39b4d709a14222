import {
  encodeMarker,
  isoInstant,
  jsonFloatText,
  JsonObject,
  mostLevels,
  parseDecimal,
  TerminalError,
  typedJson,
  Wei,
} from '@gantry/common'
import { isPlain, isPlainObject, plainLevels } from './plain-values.ts'
import { isDecimalJs, isExactValue, temporalMarker } from './scalar-objects.ts'

/** A value in a row for which there is no column type; the message names its place. */
export class InvalidRowValue extends TerminalError {
  override readonly code = 'invalid_row_value'
}

/** Counts what was changed on the way, because JSON has no form for it. */
export interface RowNotes {
  /** `NaN` and infinities that became null. */
  notFinite: number
}

/**
 * The typed JSON of a row given by the user: JavaScript values in the form in which normalize reads them back without
 * loss. Absent: `undefined`. `NaN` and infinities become null and are counted in `notes`.
 *
 * @throws {InvalidRowValue} functions, symbols, cycles, invalid dates, text that is not well-formed Unicode
 */
export function typedRowText(row: unknown, notes: RowNotes): string {
  return new RowPrinter(notes).print(row) ?? 'null'
}

const minWei = -(2n ** 255n)
const maxWei = 2n ** 255n - 1n
const minBigint = -(2n ** 63n)
const maxBigint = 2n ** 63n - 1n

/** Characters of a path that a message shows. */
const longestPath = 200
/** How lone surrogates are written. */
const surrogateEscape = String.raw`\ud`

class RowPrinter {
  readonly #notes: RowNotes
  readonly #open = new Set<object>()
  /** Keys and positions from the row down to the value at hand. */
  readonly #path: (string | number)[] = []

  constructor(notes: RowNotes) {
    this.#notes = notes
  }

  /** Undefined for a value that is absent. */
  print(value: unknown): string | undefined {
    switch (typeof value) {
      case 'string':
        if (!value.isWellFormed()) throw this.#invalid('text with a lone surrogate')
        return JSON.stringify(value)
      case 'number':
        return this.#number(value)
      case 'boolean':
        return value ? 'true' : 'false'
      case 'bigint':
        return this.#bigint(value)
      case 'undefined':
        return undefined
      case 'object':
        return value === null ? 'null' : (this.#plain(value) ?? this.#object(value))
      default:
        throw this.#invalid(`a ${typeof value}`)
    }
  }

  /** The text of an object that needs none of this; undefined for any other, and where there may be a lone surrogate. */
  #plain(value: object): string | undefined {
    if (!isPlain(value, Math.min(plainLevels, mostLevels - this.#open.size))) return undefined
    const text = JSON.stringify(value)
    return text.includes(surrogateEscape) ? undefined : text
  }

  #number(value: number): string {
    if (Number.isSafeInteger(value)) return Object.is(value, -0) ? '0' : String(value)
    if (Number.isFinite(value)) return jsonFloatText(value)
    this.#notes.notFinite++
    return 'null'
  }

  #bigint(value: bigint): string {
    if (value >= minBigint && value <= maxBigint) return value.toString()
    if (value < minWei || value > maxWei) throw this.#invalid('an integer of more than 256 bits')
    return JSON.stringify(encodeMarker(new Wei(value)))
  }

  #date(value: Date): string {
    const ms = value.getTime()
    if (Number.isNaN(ms)) throw this.#invalid('an invalid Date')
    return JSON.stringify(`\uf027${isoInstant(ms)}`)
  }

  #object(value: object): string | undefined {
    if (Array.isArray(value)) return this.#array(value, value)
    if (value instanceof Date) return this.#date(value)
    const temporal = temporalMarker(value)
    if (temporal !== undefined) return JSON.stringify(temporal)
    if (isPlainObject(value)) return this.#properties(value)
    if (value instanceof Uint8Array) return JSON.stringify(encodeMarker(value))
    if (isExactValue(value)) return typedJson(value)
    if (isDecimalJs(value)) return JSON.stringify(encodeMarker(parseDecimal(String(value))))
    if (value instanceof Map || value instanceof JsonObject) return this.#entries(value, value.entries())
    if (value instanceof Set) return this.#array(value, [...value])
    return this.#properties(value)
  }

  #properties(object: object): string | undefined {
    const { toJSON } = object as { toJSON?: unknown }
    if (typeof toJSON === 'function') {
      this.#enter(object)
      const text = this.print((object as { toJSON(): unknown }).toJSON())
      this.#open.delete(object)
      return text
    }
    return this.#entries(object, Object.entries(object))
  }

  #array(owner: object, items: readonly unknown[]): string {
    this.#enter(owner)
    let text = ''
    for (let index = 0; index < items.length; index++) {
      this.#path.push(index)
      // An absent element keeps its place: the index of the others is their position in the list.
      text += `${index === 0 ? '' : ','}${this.print(items[index]) ?? 'null'}`
      this.#path.pop()
    }
    this.#open.delete(owner)
    return `[${text}]`
  }

  #entries(owner: object, entries: Iterable<readonly [unknown, unknown]>): string {
    this.#enter(owner)
    let text = ''
    for (const [key, item] of entries) {
      const name = String(key)
      this.#path.push(name)
      if (!name.isWellFormed()) throw this.#invalid('under a key with a lone surrogate')
      const printed = this.print(item)
      this.#path.pop()
      if (printed !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${printed}`
    }
    this.#open.delete(owner)
    return `{${text}}`
  }

  #enter(object: object): void {
    if (this.#open.has(object)) throw this.#invalid('an object that contains itself')
    if (this.#open.size === mostLevels) throw this.#invalid(`below ${mostLevels} levels of nesting`)
    this.#open.add(object)
  }

  #invalid(what: string): InvalidRowValue {
    const whole = this.#path
      .map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`))
      .join('')
    const path = whole.length <= longestPath ? whole : `${whole.slice(0, longestPath)}…`
    return new InvalidRowValue(`${path === '' ? 'A row' : `"${path}"`} is ${what}, which no column can hold.`, { path })
  }
}
