import { changedHints, type HintChanges } from './hints/change-hints.ts'
import type { Columns, Hints } from './hints/hints.ts'
import { InvalidHint } from './hints/invalid-hint.ts'
import type { InputOf, RowSchema } from './hints/row-schema.ts'
import type { Cursor } from './incremental/cursor.ts'
import { isIncremental, type Incremental } from './incremental/incremental.ts'

/** Rows that a user hands over, in the forms that can be iterated: row by row, or in pages of rows. */
export type Rows<Row = unknown> = Iterable<Row | readonly Row[]> | AsyncIterable<Row | readonly Row[]>

/** What the function of a resource gets when its rows are extracted. */
export interface ResourceContext<OfCursor = unknown> {
  /** The resource's `incremental` at work; undefined where it has none. */
  readonly cursor: OfCursor
  /** Aborted: the run is to stop. */
  readonly signal: AbortSignal
  /**
   * What the resource has noted in earlier runs, to be changed in place: it is stored with the rows, and is as it was
   * where the run fails. Values are those of JSON, `Date`s and bigints; cursors are not in it.
   */
  resourceState(): Record<string, unknown>
  /** The same for all resources of the source together. */
  sourceState(): Record<string, unknown>
}

/**
 * Rows, or how to get them: a promise of rows, or a function that gives rows, such as a generator function. A function is
 * called when its rows are extracted, anew for each run.
 */
export type ResourceData<Row = unknown, OfCursor = unknown> =
  Rows<Row> | Promise<Rows<Row>> | ((context: ResourceContext<OfCursor>) => Rows<Row> | Promise<Rows<Row>>)

/** Options of rows that can be anything, as no schema types them. */
export type Untyped<Options extends Hints> = Options & { readonly columns?: Columns }

/** Options with a schema of the rows, from zod or another library with the Standard Schema interface. */
export type Typed<Options extends Hints, Schema extends RowSchema> = Options & { readonly columns: Schema }

/** What can be declared about a resource as a whole. */
export interface ResourceHints<Of extends Incremental | undefined = Incremental | undefined> extends Hints {
  /** Rows that were loaded before are left out, by a cursor; the resource's function gets it as `cursor`. */
  readonly incremental?: Of
}

export interface ResourceOptions<
  Of extends Incremental | undefined = Incremental | undefined,
> extends ResourceHints<Of> {
  /** Names the table, unless `tableName` does, and the resource in its source and in messages. */
  readonly name: string
  /** False: extracted only where `withResources` asks for it. Default: true. */
  readonly selected?: boolean
}

/** The cursor that the function of a resource with such an `incremental` gets. */
export type CursorOf<Of> =
  Of extends Incremental<infer CursorValue, infer Start> ? Cursor<CursorValue, Start> : undefined

/** Rows with a name and with hints of their own; made by {@link resource}. */
export interface Resource<Row = unknown> {
  readonly kind: typeof resourceKind
  readonly name: string
  readonly hints: ResourceHints
  readonly isSelected: boolean
  readonly data: ResourceData<Row, never>
  /**
   * Changes hints of this resource: columns are added, references replace those to the same table, all else replaces what
   * was there. Null, or an empty list, map or text, takes a hint away.
   *
   * @returns the resource itself
   * @throws {InvalidHint}
   */
  applyHints(changes: HintChanges<ResourceHints>): this
}

/** A row can hold anything but this, also where two copies of the package meet in one program. */
export const resourceKind: unique symbol = Symbol.for('gantry.resource')

/**
 * Declares a resource: rows that go to one table, or to tables by what they are, and the hints of those. Nothing is read
 * before it is extracted. A resource whose data is a function or a list can be extracted again and again.
 *
 * @param options  with a schema as `columns`, rows have the type that it takes
 * @throws {InvalidHint} the name is empty, or `incremental` is no cursor
 */
export function resource<Of extends Incremental | undefined = undefined>(
  options: Untyped<ResourceOptions<Of>>,
  data: ResourceData<unknown, CursorOf<Of>>,
): Resource
export function resource<Schema extends RowSchema, Of extends Incremental | undefined = undefined>(
  options: Typed<ResourceOptions<Of>, Schema>,
  data: ResourceData<InputOf<Schema>, CursorOf<Of>>,
): Resource<InputOf<Schema>>
export function resource(
  { name, selected = true, ...hints }: ResourceOptions,
  data: ResourceData<unknown, never>,
): Resource {
  if (typeof name !== 'string' || name.trim() === '') throw new InvalidHint('A resource needs a "name".', { name })
  const place = `resource "${name}"`
  checkCursor(place, hints.incremental)
  let current: ResourceHints = hints
  return {
    kind: resourceKind,
    name,
    get hints() {
      return current
    },
    isSelected: selected,
    data,
    applyHints(changes) {
      checkCursor(place, changes.incremental ?? undefined)
      current = changedHints(current, changes, place)
      return this
    },
  }
}

/** True for what {@link resource} returned. */
export function isResource(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === resourceKind
}

function checkCursor(place: string, given: unknown): void {
  if (given === undefined || isIncremental(given)) return
  throw new InvalidHint(`"incremental" of ${place} takes what incremental('<field>') returns.`)
}
