import { isPlainObject } from '../../plain-values.ts'
import { checkOptions } from './check-options.ts'
import { InvalidRestConfig } from './invalid-rest-config.ts'

/*
 * Checks of configuration. A place is the path of keys to a value, such as `./resources[0]/endpoint`. Messages name what
 * is there by its kind, never by its value, which may be a secret.
 */

/** @throws {InvalidRestConfig} names the place */
export type Check = (value: unknown, place: string) => void

export const isText: Check = expects('text', (value) => typeof value === 'string' && value !== '')
export const isFlag: Check = expects('true or false', (value) => typeof value === 'boolean')
export const isInteger: Check = expects('an integer', (value) => Number.isInteger(value))
export const isFunction: Check = expects('a function', (value) => typeof value === 'function')
export const isMap: Check = expects('an object', isPlainObject)
export const isAnything: Check = () => {}

/** A check of what is given by hand. */
export function expects(what: string, test: (value: unknown) => boolean): Check {
  return (value, place) => {
    if (!test(value)) throw new InvalidRestConfig(`${place} takes ${what}, not ${kindOf(value)}.`, { place })
  }
}

/** A list, each item of which passes. */
export function listOf(check: Check): Check {
  return (value, place) => {
    if (!Array.isArray(value)) throw new InvalidRestConfig(`${place} takes a list, not ${kindOf(value)}.`, { place })
    for (const [index, item] of value.entries()) check(item, `${place}[${index}]`)
  }
}

/** An object, each value of which passes, whatever its key. */
export function mapOf(check: Check): Check {
  return (value, place) => {
    isMap(value, place)
    for (const [key, item] of Object.entries(value as object)) check(item, `${place}/${key}`)
  }
}

/** An object with no keys but these, those that are there passing and none of the required missing. */
export function fields(checks: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  return (value, place) => {
    isMap(value, place)
    const given = value as Readonly<Record<string, unknown>>
    checkOptions(given, Object.keys(checks), place)
    for (const key of required) {
      if (given[key] === undefined) throw new InvalidRestConfig(`${place} needs "${key}".`, { place, key })
    }
    for (const [key, item] of Object.entries(given)) if (item !== undefined) checks[key]?.(item, `${place}/${key}`)
  }
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (value === '') return 'empty text'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
