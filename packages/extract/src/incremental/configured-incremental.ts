import {
  choiceOf,
  DateValue,
  flagOf,
  kindOf,
  lookupPaths,
  numberOf,
  parseJson,
  textOf,
  Timestamp,
  TimeValue,
  tryDate,
  tryTime,
  tryTimestamp,
  type Configuration,
  type Setting,
  type Value,
} from '@gantry/common'
import { InvalidHint } from '../hints/invalid-hint.ts'
import { cursorValueOf, inZoneOf, userValueOf } from './cursor-value.ts'
import { choices, incremental, type Incremental, type IncrementalOptions } from './incremental.ts'

/**
 * The cursor of a resource with what the configuration says of it, which goes before what is declared in code:
 * `[sources.<section>.<resource>.incremental] initial_value = 5`. Its keys are dlt's: `cursor_path`, `initial_value`,
 * `end_value`, `row_order`, `lag`, `on_cursor_value_missing`, `range_start`, `range_end`, `allow_external_schedulers`.
 *
 * @param place  section and name of the resource
 * @throws {InvalidUsage} a setting that is no such value @throws {InvalidHint} settings that make no sense together
 * Follows dlt `dlt/extract/incremental/__init__.py`, `Incremental`, a configuration under the name of its argument.
 */
export function configuredIncremental(
  declared: Incremental,
  { section, name }: { readonly section: string; readonly name: string },
  configuration: Configuration,
): Incremental {
  const paths = lookupPaths({ sections: ['sources', section, name], embedded: ['incremental'] })
  const find = (key: string): Setting | undefined => configuration.find(key, paths)
  const { options } = declared
  const sample = options.initialValue ?? options.endValue
  const found: IncrementalOptions = {
    initialValue: boundOf(find('initial_value'), sample),
    endValue: boundOf(find('end_value'), sample),
    rowOrder: choiceOf(find('row_order'), choices.rowOrder),
    lag: numberOf(find('lag')),
    onCursorValueMissing: choiceOf(find('on_cursor_value_missing'), choices.onCursorValueMissing),
    rangeStart: choiceOf(find('range_start'), choices.rangeStart),
    rangeEnd: choiceOf(find('range_end'), choices.rangeEnd),
    allowExternalSchedulers: flagOf(find('allow_external_schedulers')),
  }
  const path = textOf(find('cursor_path')) ?? declared.cursorPath
  const set = Object.entries(found).filter(([, value]) => value !== undefined)
  if (set.length === 0 && path === declared.cursorPath) return declared
  return incremental(path, { ...options, ...Object.fromEntries(set) })
}

/**
 * A bound in the type of the one in code; without that, a text is a text, and TOML has types.
 *
 * @throws {InvalidHint}
 */
function boundOf(setting: Setting | undefined, sample: unknown): unknown {
  if (setting === undefined) return undefined
  const { value } = setting
  if (typeof value !== 'string' && !(value instanceof Date)) return value
  const wanted = cursorValueOf(sample) ?? null
  // Dates of TOML say by their text whether they have a time, and a zone.
  const text = textOf(setting) ?? ''
  if (wanted === null) return typeof value === 'string' ? text : (tryTimestamp(text) ?? tryDate(text) ?? tryTime(text))
  if (typeof wanted === 'string') return text
  const parsed = parsedAs(wanted, text)
  if (parsed !== undefined) return userValueOf(parsed, sample)
  throw new InvalidHint(
    `${setting.key} (${setting.provider}) takes a ${kindOf(wanted)}, as the bounds of the cursor in code are, not "${text}".`,
    { key: setting.key },
  )
}

function parsedAs(wanted: Value, text: string): Value | undefined {
  if (wanted instanceof Timestamp) {
    const date = tryDate(text)
    const timestamp = date === undefined ? tryTimestamp(text) : new Timestamp(date.days, 0)
    return timestamp === undefined ? undefined : inZoneOf(timestamp, wanted)
  }
  if (wanted instanceof DateValue) return tryDate(text)
  if (wanted instanceof TimeValue) return tryTime(text)
  return tryNumber(text)
}

function tryNumber(text: string): Value | undefined {
  try {
    const value = parseJson(text)
    return typeof value === 'string' || typeof value === 'boolean' ? undefined : (value ?? undefined)
  } catch {
    return undefined
  }
}
