import { InvalidUsage } from './config-errors.ts'
import { isSecretName } from '../redact.ts'
import type { Setting } from './provider.ts'

/*
 * Settings to the types that are asked for. What the environment holds is text; TOML and code have types, which are held
 * to the same rules (dlt `dlt/common/configuration/utils.py`).
 */

/** A setting that cannot be what is asked for; the value is not shown, as it may be a secret. */
export function cannotBe(setting: Setting, wanted: string): InvalidUsage {
  return new InvalidUsage(`${setting.key} (${setting.provider}) takes ${wanted}${shown(setting)}.`, {
    key: setting.key,
  })
}

/** Text, also of a number or a date. */
export function textOf(setting: Setting | undefined): string | undefined {
  if (setting === undefined) return undefined
  const { value } = setting
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof Date) return value.toISOString()
  throw cannotBe(setting, 'a text')
}

/** True or false, in any of dlt's words for it. */
export function flagOf(setting: Setting | undefined): boolean | undefined {
  if (setting === undefined) return undefined
  const text = typeof setting.value === 'boolean' ? String(setting.value) : textOf(setting)
  if (text !== undefined && /^(?:yes|true|t|y|1)$/i.test(text)) return true
  if (text !== undefined && /^(?:no|false|f|n|0)$/i.test(text)) return false
  throw cannotBe(setting, 'true or false')
}

/** A number. */
export function numberOf(setting: Setting | undefined): number | undefined {
  if (setting === undefined) return undefined
  const text =
    textOf(setting)
      ?.trim()
      .replaceAll(/(?<=\d)_(?=\d)/g, '') ?? ''
  const value = text === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value)) return value
  throw cannotBe(setting, 'a number')
}

/** A whole number. @param least  the smallest that makes sense */
export function countOf(setting: Setting | undefined, least = 0): number | undefined {
  if (setting === undefined) return undefined
  const value = tryNumber(setting)
  if (value !== undefined && Number.isSafeInteger(value) && value >= least) return value
  throw cannotBe(setting, `a whole number from ${least} on`)
}

/** One of the words. */
export function choiceOf<Word extends string>(setting: Setting | undefined, words: readonly Word[]): Word | undefined {
  if (setting === undefined) return undefined
  const text = String(setting.value).toLowerCase()
  const found = words.find((word) => word.toLowerCase() === text)
  if (found === undefined)
    throw cannotBe(setting, words.length === 2 ? words.join(' or ') : `one of ${words.join(', ')}`)
  return found
}

/** A list or a table: of a type already, or JSON as text. */
export function jsonOf(setting: Setting | undefined): unknown {
  if (setting === undefined || typeof setting.value !== 'string') return setting?.value
  try {
    return JSON.parse(setting.value)
  } catch {
    throw cannotBe(setting, 'JSON')
  }
}

function tryNumber(setting: Setting): number | undefined {
  try {
    return numberOf(setting)
  } catch {
    return undefined
  }
}

/** Short words are settings, not secrets. */
function shown({ value, key }: Setting): string {
  const isPlain =
    typeof value === 'boolean' || typeof value === 'number' || (typeof value === 'string' && value.length < 40)
  return isPlain && !isSecretName(key) ? `, not "${value}"` : ''
}
