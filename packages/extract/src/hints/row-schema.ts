import type { Column, DataType } from '@gantry/common'
import { InvalidHint } from './invalid-hint.ts'

/*
 * Schemas of rows, from zod, valibot, ArkType or whatever else has the Standard Schema interface
 * (https://standardschema.dev). No library is imported: the schema checks rows through `~standard.validate` and describes
 * them as JSON Schema through `~standard.jsonSchema`, a later addition to the standard. What passes the check is what is
 * written, so columns follow the schema's output, and rows are typed by its input.
 */

/** A schema of rows with the Standard Schema interface. */
export interface RowSchema<Input = unknown, Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    /** Name of the library. */
    readonly vendor: string
    readonly validate: (value: unknown) => Checked<Output> | Promise<Checked<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
    readonly jsonSchema?: { readonly output: (options: JsonSchemaOptions) => object }
  }
}

/** The type of rows that a schema takes; `unknown` for one that does not say. */
export type InputOf<Schema extends RowSchema> = NonNullable<Schema['~standard']['types']>['input']

/** What a schema says to a value. */
export type Checked<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly Issue[] }

/** Something about a value that the schema does not take. */
export interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

interface JsonSchemaOptions {
  readonly target: 'draft-2020-12'
  readonly libraryOptions?: Record<string, unknown>
}

/** True for an object or function with the Standard Schema interface. */
export function isRowSchema(value: unknown): value is RowSchema {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value
}

/**
 * The columns that a schema of rows declares, in its order: those with a type of their own. Nested objects and lists, and
 * fields of several types, are left to be found out from the data.
 *
 * @returns undefined where the schema cannot describe itself as JSON Schema, as with zod before 4.2
 * @throws {InvalidHint} the schema is not one of an object, or its library fails to describe it
 */
export function columnsOfSchema(schema: RowSchema, place: string): Map<string, Column> | undefined {
  const { vendor, jsonSchema } = schema['~standard']
  if (jsonSchema === undefined) return undefined
  const described = describe(jsonSchema.output, vendor, place)
  if (described.type !== 'object' || described.properties === undefined) {
    throw new InvalidHint(`The ${vendor} schema in "columns" of ${place} is not one of an object with named fields.`, {
      vendor,
    })
  }
  const required = new Set(described.required)
  const columns = new Map<string, Column>()
  for (const [name, field] of Object.entries(described.properties)) {
    const forms = formsOf(field)
    const isNullable = forms.delete('null') || !required.has(name)
    const [type] = forms
    if (forms.size !== 1 || type === undefined || type === 'null' || type === 'open') continue
    columns.set(name, { name, data_type: type, nullable: isNullable })
  }
  return columns
}

/** As much of JSON Schema as is looked at. */
interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
}

function describe(output: (options: JsonSchemaOptions) => object, vendor: string, place: string): JsonSchema {
  const libraryOptions = Object.hasOwn(optionsOfVendors, vendor) ? optionsOfVendors[vendor] : undefined
  try {
    return output({ target: 'draft-2020-12', ...(libraryOptions === undefined ? {} : { libraryOptions }) })
  } catch (cause) {
    throw new InvalidHint(
      `The ${vendor} schema in "columns" of ${place} cannot be described as JSON Schema: ${(cause as Error).message} ` +
        'Declare the columns as a map instead.',
      { vendor },
      { cause },
    )
  }
}

/**
 * JSON Schema has no dates and no bytes, and libraries fail at them unless told otherwise, each in its own way. They are
 * told to describe a `Date` as `date-time`, a `bigint` as integer, bytes as `binary`, and to leave open what else has no
 * form in JSON.
 */
const optionsOfVendors: Readonly<Record<string, Record<string, unknown>>> = {
  // https://zod.dev/json-schema
  zod: {
    unrepresentable: 'any',
    override: (context: { zodSchema: ZodInside; jsonSchema: Record<string, unknown> }) => {
      const { def, bag } = context.zodSchema._zod
      if (def.type === 'date') Object.assign(context.jsonSchema, dateForm)
      // A time without zone is none to JSON Schema.
      if (def.format === 'time') context.jsonSchema['format'] = 'time'
      if (def.format === 'datetime') context.jsonSchema['format'] = 'date-time'
      if (def.type === 'bigint') Object.assign(context.jsonSchema, integerForm)
      if (bag?.['Class'] === Uint8Array) Object.assign(context.jsonSchema, bytesForm)
    },
  },
  // https://github.com/open-circle/valibot/tree/main/packages/to-json-schema
  valibot: {
    errorMode: 'ignore',
    overrideSchema: ({ valibotSchema }: { valibotSchema: { type: string; class?: unknown } }) => {
      if (valibotSchema.type === 'date') return dateForm
      if (valibotSchema.type === 'bigint') return integerForm
      return valibotSchema.class === Uint8Array ? bytesForm : undefined
    },
  },
  // https://arktype.io/docs/configuration#tojsonschema
  arktype: {
    fallback: {
      date: () => dateForm,
      domain: (context: { domain?: string; base: object }) =>
        context.domain === 'bigint' ? integerForm : context.base,
      default: (context: { base: object }) => context.base,
    },
  },
}

interface ZodInside {
  readonly _zod: {
    readonly def: { readonly type: string; readonly format?: string }
    readonly bag?: Readonly<Record<string, unknown>>
  }
}

const dateForm = { type: 'string', format: 'date-time' }
const integerForm = { type: 'integer' }
const bytesForm = { type: 'string', format: 'binary' }

/** What a field can hold: types of columns, `null`, and `open` for anything that no one type of column stands for. */
type Form = DataType | 'null' | 'open'

function formsOf(schema: JsonSchema): Set<Form> {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return new Set(choices.flatMap((choice) => [...formsOf(choice)]))
  const types = schema.type ?? typesOfValues(schema)
  const forms = (typeof types === 'string' ? [types] : types).map((type) => formOf(type, schema.format))
  return new Set(forms.length === 0 ? ['open'] : forms)
}

/** Some libraries list the values of a field and leave out their type. */
function typesOfValues(schema: JsonSchema): string[] {
  const values = schema.enum ?? ('const' in schema ? [schema.const] : [])
  return [...new Set(values.map((value) => (value === null ? 'null' : typeof value)))]
}

function formOf(type: string, format: string | undefined): Form {
  switch (type) {
    case 'string':
      return (
        (format !== undefined && Object.hasOwn(typesOfFormats, format) ? typesOfFormats[format] : undefined) ?? 'text'
      )
    case 'integer':
      return 'bigint'
    case 'number':
      return 'double'
    case 'boolean':
      return 'bool'
    case 'null':
      return 'null'
    default:
      return 'open'
  }
}

const typesOfFormats: Readonly<Record<string, DataType>> = {
  'date-time': 'timestamp',
  date: 'date',
  time: 'time',
  binary: 'binary',
}
