/** Deeper than this, a row may contain itself. */
const mostLevels = 100
/** Below it JavaScript and Python print doubles in forms of their own. */
const leastSameText = 1e-4

/**
 * True for a value of which `JSON.stringify` loses nothing and which it prints as dlt does: literals, lists and objects of
 * entries, with integers that are exact and doubles that have no exponent. Texts are not looked at.
 */
export function isPlain(value: unknown, level: number = 0): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return true
    case 'number':
      return isPlainNumber(value)
    case 'object':
      return value === null || (level < mostLevels && isOfPlain(value, level + 1))
    default:
      return false
  }
}

function isPlainNumber(value: number): boolean {
  return Number.isInteger(value)
    ? Number.isSafeInteger(value)
    : Number.isFinite(value) && Math.abs(value) >= leastSameText
}

function isOfPlain(object: object, level: number): boolean {
  if (Array.isArray(object)) {
    for (const item of object) if (!isPlain(item, level)) return false
    return Object.getPrototypeOf(object) === Array.prototype
  }
  if (!isPlainObject(object)) return false
  for (const key in object) if (!isPlain(object[key], level)) return false
  return true
}

/** True for an object of entries, as literals and JSON make them; false for lists, dates and other classes. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
