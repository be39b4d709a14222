import {
  type DataType,
  Double,
  HexBytes,
  kindOf,
  TerminalError,
  tryTimestamp,
  tryDate,
  type Value,
  Wei,
} from '@gantry/common'

/** The detections a schema may name in `settings.detections`; only `iso_timestamp` is on by default. */
const detections = [
  'iso_timestamp',
  'iso_date',
  'timestamp',
  'large_integer',
  'hexbytes_to_text',
  'wei_to_double',
] as const

/** One of the {@link detections}, in the words of `dlt/common/schema/detections.py`. */
export type Detection = (typeof detections)[number]

/** A schema names a detection that does not exist. */
export class UnknownDetection extends TerminalError {
  override readonly code = 'unknown_detection'

  constructor(name: string) {
    super(`Unknown detection "${name}" in settings.detections of the schema. Use: ${detections.join(', ')}`, { name })
  }
}

/**
 * The names of `settings.detections` as detections, in their order.
 *
 * @throws {UnknownDetection} one of them does not exist
 */
export function parseDetections(names: readonly string[]): readonly Detection[] {
  return names.map((name) => {
    const known = detections.find((detection) => detection === name)
    if (known === undefined) throw new UnknownDetection(name)
    return known
  })
}

/** What decides the type of a new column, besides its first value. */
export interface InferenceRules {
  /** Asked in this order; the first that answers wins. */
  readonly detections: readonly Detection[]
  /** The type that `settings.preferred_types` gives to a (normalized) column name, if any. */
  readonly preferredType: (columnName: string) => DataType | undefined
  /** Unix time at which the process began: what detection `timestamp` measures from. */
  readonly startedAtSeconds: number
}

/**
 * The data type of a new column whose first value is `value`: the preferred type of its name, else the first answer of a
 * detection, else the kind of the value. Says nothing about whether the value can be coerced to it. Follows
 * `Schema._infer_column_type` of dlt. A variant column is not inferred: it has the kind of its value (quirk ledger Q2).
 */
export function inferType(value: Exclude<Value, null>, columnName: string, rules: InferenceRules): DataType {
  return rules.preferredType(columnName) ?? detectType(value, rules) ?? kindOf(value)
}

function detectType(value: Exclude<Value, null>, rules: InferenceRules): DataType | undefined {
  for (const detection of rules.detections) {
    const type = detectors[detection](value, rules.startedAtSeconds)
    if (type !== undefined) return type
  }
  return undefined
}

type Detector = (value: Exclude<Value, null>, startedAtSeconds: number) => DataType | undefined

const detectors: Readonly<Record<Detection, Detector>> = {
  iso_timestamp: (value) => (typeof value === 'string' && tryTimestamp(value) !== undefined ? 'timestamp' : undefined),
  iso_date: (value) => (typeof value === 'string' && tryDate(value) !== undefined ? 'date' : undefined),
  timestamp: (value, startedAtSeconds) => {
    const seconds = numberOf(value)
    if (seconds === undefined) return undefined
    return Math.abs(seconds - startedAtSeconds) <= fiveYearsSeconds ? 'timestamp' : undefined
  },
  large_integer: (value) => {
    if (typeof value !== 'bigint') return undefined
    if (value > maxWei) return 'text'
    return value > maxBigint ? 'wei' : undefined
  },
  hexbytes_to_text: (value) => (value instanceof HexBytes ? 'text' : undefined),
  wei_to_double: (value) =>
    value instanceof Wei || (typeof value === 'bigint' && kindOf(value) === 'wei') ? 'double' : undefined,
}

const fiveYearsSeconds = 5 * 31_536_000
const maxBigint = 2n ** 63n - 1n
const maxWei = 578960446186580977117854925043439539266n

/** The size of an integer or double; bigints are far from any time of today. */
function numberOf(value: Exclude<Value, null>): number | undefined {
  if (typeof value === 'number') return value
  return value instanceof Double ? value.value : undefined
}
