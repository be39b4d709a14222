import { writeJson } from '../../http/plain-json.ts'
import { isPlainObject } from '../../plain-values.ts'
import { InvalidRestConfig } from './invalid-rest-config.ts'

/*
 * Texts with placeholders: `{resources.users.id}`. Braces that are meant as such are doubled: `{{`, `}}`.
 */

/** The value that a placeholder stands for. */
export type LookUp = (placeholder: string) => unknown

/** The parts of a text in turn: literal text, and placeholders without their braces. */
type Part = { readonly text: string } | { readonly placeholder: string }

/** A placeholder without its braces, and where it stands. */
interface PlacedPlaceholder {
  readonly placeholder: string
  readonly place: string
}

/** All placeholders in the texts of a value, keys of objects included. @throws {InvalidRestConfig} a single brace */
export function placeholdersIn(value: unknown, place: string): readonly PlacedPlaceholder[] {
  if (typeof value === 'string') {
    return partsOf(value, place).flatMap((part) => ('text' in part ? [] : [{ ...part, place }]))
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => placeholdersIn(item, `${place}[${index}]`))
  if (!isPlainObject(value)) return []
  return Object.entries(value).flatMap(([key, item]) => [
    ...placeholdersIn(key, place),
    ...placeholdersIn(item, `${place}/${key}`),
  ])
}

/** The text with values in place of its placeholders. */
export function fillText(text: string, lookUp: LookUp): string {
  return partsOf(text, text)
    .map((part) => ('text' in part ? part.text : textOf(lookUp(part.placeholder))))
    .join('')
}

/**
 * The value with all of its texts filled, keys of objects included. Null for a text's only placeholder stays null.
 *
 * @param keepsType  true: a text that is one placeholder and nothing else becomes the value itself, as JSON can hold it
 */
export function fill(value: unknown, lookUp: LookUp, keepsType: boolean): unknown {
  if (typeof value === 'string') {
    const [only, ...more] = partsOf(value, value)
    if (only === undefined || 'text' in only || more.length > 0) return fillText(value, lookUp)
    const found = lookUp(only.placeholder)
    return keepsType || found === null ? found : textOf(found)
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, lookUp, keepsType))
  if (!isPlainObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [fillText(key, lookUp), fill(item, lookUp, keepsType)]),
  )
}

function partsOf(text: string, place: string): readonly Part[] {
  if (!/[{}]/.test(text)) return [{ text }]
  const parts: Part[] = []
  for (const [part, placeholder] of text.matchAll(/\{\{|\}\}|\{([^{}]*)\}|[^{}]+|[{}]/g)) {
    if (placeholder !== undefined) parts.push({ placeholder })
    else if (part === '{' || part === '}') {
      throw new InvalidRestConfig(
        `${place} has a single "${part}". Double braces that are no placeholder: {{ and }}.`,
        { place },
      )
    } else parts.push({ text: part === '{{' || part === '}}' ? part.slice(1) : part })
  }
  return parts
}

function textOf(value: unknown): string {
  return Array.isArray(value) || isPlainObject(value) ? writeJson(value) : String(value)
}
