/** Deeper than this, a value may contain itself. */
export const plainLevels = 100
/** Below it JavaScript and Python print doubles in forms of their own. */
const leastSameText = 1e-4

/**
 * True for a value of which `JSON.stringify` loses nothing and which it prints as dlt does: literals, lists and objects of
 * entries, with integers that are exact and doubles that have no exponent. Texts are not looked at.
 *
 * @param levels  of nesting, at most
 */
export function isPlain(value: unknown, levels: number = plainLevels): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return true
    case 'number':
      return isPlainNumber(value)
    case 'object':
      return value === null || (levels > 0 && isOfPlain(value, levels - 1))
    default:
      return false
  }
}

function isPlainNumber(value: number): boolean {
  return Number.isInteger(value)
    ? Number.isSafeInteger(value)
    : Number.isFinite(value) && Math.abs(value) >= leastSameText
}

function isOfPlain(object: object, levels: number): boolean {
  if (Array.isArray(object)) {
    for (const item of object) if (!isPlain(item, levels)) return false
    return Object.getPrototypeOf(object) === Array.prototype
  }
  if (!isPlainObject(object)) return false
  for (const key in object) if (!isPlain(object[key], levels)) return false
  return true
}

/** True for an object of entries, as literals and JSON make them; false for lists, dates and other classes. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
