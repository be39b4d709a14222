import type { InputOf, RowSchema } from './hints/row-schema.ts'
import type { Columns, Hints } from './hints/hints.ts'
import { InvalidHint } from './hints/invalid-hint.ts'

/** Rows that a user hands over, in the forms that can be iterated: row by row, or in pages of rows. */
export type Rows<Row = unknown> = Iterable<Row | readonly Row[]> | AsyncIterable<Row | readonly Row[]>

/**
 * Rows, or how to get them: a promise of rows, or a function that gives rows, such as a generator function. A function is
 * called when its rows are extracted, anew for each run.
 */
export type ResourceData<Row = unknown> = Rows<Row> | Promise<Rows<Row>> | (() => Rows<Row> | Promise<Rows<Row>>)

/** Options of rows that can be anything, as no schema types them. */
export type Untyped<Options extends Hints> = Options & { readonly columns?: Columns }

/** Options with a schema of the rows, from zod or another library with the Standard Schema interface. */
export type Typed<Options extends Hints, Schema extends RowSchema> = Options & { readonly columns: Schema }

export interface ResourceOptions extends Hints {
  /** Names the table, unless `tableName` does, and the resource in its source and in messages. */
  readonly name: string
  /** False: extracted only where `withResources` asks for it. Default: true. */
  readonly selected?: boolean
}

/** Rows with a name and with hints of their own; made by {@link resource}. */
export interface Resource<Row = unknown> {
  readonly kind: typeof resourceKind
  readonly name: string
  readonly hints: Hints
  readonly isSelected: boolean
  readonly data: ResourceData<Row>
}

/** A row can hold anything but this, also where two copies of the package meet in one program. */
export const resourceKind: unique symbol = Symbol.for('gantry.resource')

/**
 * Declares a resource: rows that go to one table, or to tables by what they are, and the hints of those. Nothing is read
 * before it is extracted. A resource whose data is a function or a list can be extracted again and again.
 *
 * @param options  with a schema as `columns`, rows have the type that it takes
 * @throws {InvalidHint} the name is empty
 */
export function resource(options: Untyped<ResourceOptions>, data: ResourceData): Resource
export function resource<Schema extends RowSchema>(
  options: Typed<ResourceOptions, Schema>,
  data: ResourceData<InputOf<Schema>>,
): Resource<InputOf<Schema>>
export function resource({ name, selected = true, ...hints }: ResourceOptions, data: ResourceData): Resource {
  if (typeof name !== 'string' || name.trim() === '') throw new InvalidHint('A resource needs a "name".', { name })
  return { kind: resourceKind, name, hints, isSelected: selected, data }
}

/** True for what {@link resource} returned. */
export function isResource(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === resourceKind
}
