import { Double, jsonFloatText } from '../values/double.ts'
import type { DocumentNode } from './document.ts'

/*
 * What a word without quotes means in YAML 1.1 as PyYAML reads it, which is how dlt reads and writes schema files
 * (https://yaml.org/type/). Newer YAML takes `on` and `012` otherwise, so one rule serves both ways: what it reads as
 * anything but text needs quotes when it is text.
 */

const nulls = /^(?:~|null|Null|NULL|)$/
const trues = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/
const falses = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/
const integer = /^[-+]?(?:0b_*[01][01_]*|0x_*[0-9a-fA-F][0-9a-fA-F_]*|0[0-7_]+|0|[1-9][0-9_]*)$/
const base60 = /^[-+]?(?:[1-9][0-9_]*(?::[0-5]?[0-9])+|[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)$/
const float = /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/
const notFinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const date = /^\d{4}-(?:\d{2}-\d{2}$|\d{1,2}-\d{1,2}(?:[Tt]|[ \t]+)\d)/

/** The value of a word that stands without quotes. Dates and other values that JSON does not have stay text. */
export function plainScalar(word: string): DocumentNode {
  if (nulls.test(word)) return null
  if (trues.test(word)) return true
  if (falses.test(word)) return false
  if (integer.test(word)) return integerOf(word.replaceAll('_', ''))
  if (float.test(word)) return new Double(Number(word.replaceAll('_', '')))
  return word
}

/** True for text that would come back as another value, or break the file, if it stood without quotes. */
export function needsQuotes(text: string): boolean {
  if (plainScalar(text) !== text || base60.test(text) || notFinite.test(text) || date.test(text)) return true
  return /^(?:=|<<|[-+]?0[bx]_+)$/.test(text)
}

/** A number in its YAML form: PyYAML takes it for a float only with a point in it. */
export function numberText(value: number | bigint | Double): string {
  if (typeof value === 'bigint') return String(value)
  const text =
    value instanceof Double
      ? jsonFloatText(value.value)
      : Number.isInteger(value)
        ? String(value)
        : jsonFloatText(value)
  return text.replace(/^(-?\d+)(e[-+]?)/, '$1.0$2')
}

function integerOf(digits: string): number | bigint {
  const [, sign, rest] = /^([-+]?)(.*)$/.exec(digits) as unknown as [string, string, string]
  const isOctal = /^0[0-7]+$/.test(rest)
  const size = BigInt(isOctal ? `0o${rest.slice(1)}` : rest)
  const value = sign === '-' ? -size : size
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}
