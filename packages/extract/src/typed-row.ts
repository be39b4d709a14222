import {
  encodeMarker,
  isoInstant,
  jsonFloatText,
  JsonObject,
  parseDecimal,
  TerminalError,
  typedJson,
  Wei,
} from '@gantry/common'
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
  return new RowPrinter(notes).print(row, '') ?? 'null'
}

const minWei = -(2n ** 255n)
const maxWei = 2n ** 255n - 1n
const minBigint = -(2n ** 63n)
const maxBigint = 2n ** 63n - 1n

class RowPrinter {
  readonly #notes: RowNotes
  readonly #open = new Set<object>()

  constructor(notes: RowNotes) {
    this.#notes = notes
  }

  /** Undefined for a value that is absent. */
  print(value: unknown, path: string): string | undefined {
    switch (typeof value) {
      case 'string':
        if (!value.isWellFormed()) throw invalid('text with a lone surrogate', path)
        return JSON.stringify(value)
      case 'number':
        return this.#number(value)
      case 'boolean':
        return value ? 'true' : 'false'
      case 'bigint':
        return bigintText(value, path)
      case 'undefined':
        return undefined
      case 'object':
        return value === null ? 'null' : this.#object(value, path)
      default:
        throw invalid(`a ${typeof value}`, path)
    }
  }

  #number(value: number): string {
    if (Number.isSafeInteger(value)) return Object.is(value, -0) ? '0' : String(value)
    if (Number.isFinite(value)) return jsonFloatText(value)
    this.#notes.notFinite++
    return 'null'
  }

  #object(value: object, path: string): string | undefined {
    if (Array.isArray(value)) return this.#nested(value, path, () => this.#array(value, path))
    if (value instanceof Date) return dateText(value, path)
    if (value instanceof Uint8Array) return JSON.stringify(encodeMarker(value))
    if (isExactValue(value)) return typedJson(value)
    const temporal = temporalMarker(value)
    if (temporal !== undefined) return JSON.stringify(temporal)
    if (isDecimalJs(value)) return JSON.stringify(encodeMarker(parseDecimal(String(value))))
    if (value instanceof Map) return this.#nested(value, path, () => this.#entries(value.entries(), path))
    if (value instanceof Set) return this.#nested(value, path, () => this.#array([...value], path))
    if (value instanceof JsonObject) return this.#nested(value, path, () => this.#entries(value.entries(), path))
    const { toJSON } = value as { toJSON?: unknown }
    if (typeof toJSON === 'function') return this.print((value as { toJSON(): unknown }).toJSON(), path)
    return this.#nested(value, path, () => this.#entries(Object.entries(value), path))
  }

  #array(items: readonly unknown[], path: string): string {
    // An absent element keeps its place: the index of the others is their position in the list.
    return `[${items.map((item, index) => this.print(item, `${path}[${index}]`) ?? 'null').join(',')}]`
  }

  #entries(entries: Iterable<[unknown, unknown]>, path: string): string {
    let text = ''
    for (const [key, item] of entries) {
      const name = String(key)
      const printed = this.print(item, path === '' ? name : `${path}.${name}`)
      if (printed !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${printed}`
    }
    return `{${text}}`
  }

  #nested(value: object, path: string, print: () => string): string {
    if (this.#open.has(value)) throw invalid('an object that contains itself', path)
    this.#open.add(value)
    const text = print()
    this.#open.delete(value)
    return text
  }
}

function bigintText(value: bigint, path: string): string {
  if (value >= minBigint && value <= maxBigint) return value.toString()
  if (value < minWei || value > maxWei) throw invalid('an integer of more than 256 bits', path)
  return JSON.stringify(encodeMarker(new Wei(value)))
}

function dateText(value: Date, path: string): string {
  const ms = value.getTime()
  if (Number.isNaN(ms)) throw invalid('an invalid Date', path)
  return JSON.stringify(`\uf027${isoInstant(ms)}`)
}

function invalid(what: string, path: string): InvalidRowValue {
  return new InvalidRowValue(`${path === '' ? 'A row' : `"${path}"`} is ${what}, which no column can hold.`, { path })
}
