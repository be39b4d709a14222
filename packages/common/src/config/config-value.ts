import { flagOf, cannotBe, jsonOf, numberOf, textOf } from './coerce.ts'
import { Configuration } from './configuration.ts'
import { ConfigFieldMissing, type MissingField } from './field-missing.ts'
import { lookupPaths, type LookupPlace } from './lookup-paths.ts'
import { storedSpelling } from '../naming/spelling.ts'
import type { Setting } from './provider.ts'

/** What a setting may be asked to be. */
export interface ValueTypes {
  string: string
  number: number
  bigint: bigint
  boolean: boolean
  date: Date
  json: unknown
}

export type ValueTypeName = keyof ValueTypes

const declaration: unique symbol = Symbol.for('gantry.config-value')

/** Says that a value comes from the configuration. */
export interface ConfigValue<T = unknown> {
  readonly [declaration]: true
  readonly type: ValueTypeName
  readonly isSecret: boolean
  readonly isOptional: boolean
  /** Used where nothing is found. */
  readonly default: T | undefined
}

/** Values of a configuration, declared where they are used and found when they are needed. */
export interface ConfigValues {
  /** A text that must be there. */
  value<T extends string = string>(): ConfigValue<T>
  /** A value of another type that must be there. */
  value<Name extends ValueTypeName>(options: {
    readonly type: Name
    readonly default?: ValueTypes[Name]
  }): ConfigValue<ValueTypes[Name]>
  /** A value that may be missing. */
  value<Name extends ValueTypeName = 'string'>(options: {
    readonly type?: Name
    readonly optional: true
  }): ConfigValue<ValueTypes[Name] | undefined>
  /**
   * What stands under a dotted name now; undefined where nothing does.
   *
   * @param type  default: text becomes a boolean, a number, a list or a table where it reads as one
   */
  get(path: string): unknown
  get<Name extends ValueTypeName>(path: string, type: Name): ValueTypes[Name] | undefined
}

/** Settings that people may share: `config.toml`, the environment. */
export const config: ConfigValues = configValues(false)

/** Secrets: `secrets.toml`, the environment, mounted files. */
export const secrets: ConfigValues = configValues(true)

function configValues(isSecret: boolean): ConfigValues {
  return {
    value: (options: Partial<Pick<ConfigValue, 'type' | 'default'>> & { readonly optional?: boolean } = {}) =>
      declare(options.type ?? 'string', isSecret, options.optional ?? false, options.default),
    get: (path: string, type?: ValueTypeName) => {
      const parts = path.split('.')
      const setting = Configuration.open().find(parts.at(-1) as string, [parts.slice(0, -1)], isSecret)
      if (setting === undefined) return undefined
      return type === undefined ? autoCast(setting.value) : valueOf(setting, type)
    },
  }
}

/** What a function is told of its configuration: declared values, and plain ones, which are defaults. */
export type ConfigSpec = Readonly<Record<string, unknown>>

/** No values from the configuration. */
export type NoConfig = { readonly [Name in never]: unknown }

/** A configuration with its values in place. */
export type Resolved<Spec extends ConfigSpec> = {
  readonly [Key in keyof Spec]: Spec[Key] extends ConfigValue<infer T> ? T : Widened<Spec[Key]>
}

type Widened<T> = T extends string ? string : T extends number ? number : T extends boolean ? boolean : T

/**
 * Finds all values of a spec. Names are looked for in snake_case, as dlt has them.
 *
 * @param what  whose values they are, for the message: `Resource "issues"`
 * @throws {ConfigFieldMissing} names all that are missing, and every key that was tried
 * @throws {InvalidUsage} a value is not of its type
 */
export function resolveConfig<Spec extends ConfigSpec>(
  spec: Spec,
  place: LookupPlace,
  what: string,
  configuration: Configuration,
): Resolved<Spec> {
  const paths = lookupPaths(place)
  const values: Record<string, unknown> = {}
  const missing: MissingField[] = []
  for (const [name, declared] of Object.entries(spec)) {
    const { type, isSecret, isOptional, default: byDefault } = declarationOf(declared)
    const key = storedSpelling(name)
    const setting = configuration.find(key, paths, isSecret)
    if (setting !== undefined) values[name] = valueOf(setting, type)
    else if (byDefault !== undefined || isOptional) values[name] = byDefault
    else missing.push({ name: key, isSecret, paths })
  }
  if (missing.length > 0) throw new ConfigFieldMissing(what, missing, configuration)
  return values as Resolved<Spec>
}

function declarationOf(declared: unknown): ConfigValue {
  if (typeof declared === 'object' && declared !== null && declaration in declared) return declared as ConfigValue
  return declare(typeOfDefault(declared), false, true, declared)
}

function declare(type: ValueTypeName, isSecret: boolean, isOptional: boolean, byDefault: unknown): ConfigValue {
  return { [declaration]: true, type, isSecret, isOptional, default: byDefault }
}

function typeOfDefault(value: unknown): ValueTypeName {
  if (value instanceof Date) return 'date'
  const type = typeof value
  return type === 'number' || type === 'boolean' || type === 'bigint' || type === 'string' ? type : 'json'
}

function valueOf(setting: Setting, type: ValueTypeName): unknown {
  switch (type) {
    case 'string': {
      return textOf(setting)
    }
    case 'number': {
      return numberOf(setting)
    }
    case 'boolean': {
      return flagOf(setting)
    }
    case 'bigint': {
      const text = textOf(setting) ?? ''
      if (/^-?\d+$/.test(text)) return BigInt(text)
      throw cannotBe(setting, 'a whole number')
    }
    case 'date': {
      if (setting.value instanceof Date) return setting.value
      const date = new Date(textOf(setting) ?? '')
      if (!Number.isNaN(date.getTime())) return date
      throw cannotBe(setting, 'a date in ISO 8601')
    }
    case 'json': {
      return jsonOf(setting)
    }
  }
}

/** dlt `dlt/common/configuration/accessors.py` */
function autoCast(value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (/^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true'
  if (/^-?\d+$/.test(value)) return Number.isSafeInteger(Number(value)) ? Number(value) : BigInt(value)
  if (/^-?\d*\.\d+(?:e[+-]?\d+)?$/i.test(value)) return Number(value)
  if (!/^\s*[[{]/.test(value)) return value
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
