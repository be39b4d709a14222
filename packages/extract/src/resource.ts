import type { ConfigSpec, NoConfig } from '@gantry/common'
import { changedHints, type HintChanges } from './hints/change-hints.ts'
import type { Columns, HintOfRow, Hints } from './hints/hints.ts'
import { checkPerRow } from './hints/hints-of-row.ts'
import { InvalidHint } from './hints/invalid-hint.ts'
import type { InputOf, RowSchema } from './hints/row-schema.ts'
import { isIncremental, type Incremental } from './incremental/incremental.ts'
import { limitOf, type Limit, type LimitOptions } from './pipe/limit.ts'
import type { Step } from './pipe/steps.ts'
import type { ContextOf, ResourceContext } from './resource-context.ts'
import type { Transformer } from './transformer.ts'
import type { AnyIterable, DataOf, RowOf, Yielded } from './yielded.ts'

/** Rows, or how to get them; see {@link DataOf}. */
export type ResourceData<Row = unknown, Context = ResourceContext> = DataOf<Yielded<Row>, Context>

/** Options of rows that can be anything, as no schema types them. */
export type Untyped<Options extends Hints> = Options & { readonly columns?: Columns | HintOfRow<Columns> }

/** Options with a schema of the rows, from zod or another library with the Standard Schema interface. */
export type Typed<Options extends Hints, Schema extends RowSchema> = Options & { readonly columns: Schema }

/** What can be declared about a resource as a whole. */
export interface ResourceHints<Of extends Incremental | undefined = Incremental | undefined> extends Hints {
  /** Rows that were loaded before are left out, by a cursor; the resource's function gets it as `cursor`. */
  readonly incremental?: Of
}

export interface ResourceOptions<
  Of extends Incremental | undefined = Incremental | undefined,
  Spec extends ConfigSpec = ConfigSpec,
> extends ResourceHints<Of> {
  /** Names the table, unless `tableName` does, and the resource in its source and in messages. */
  readonly name: string
  /** False: extracted only where `withResources` asks for it; transformers get its rows all the same. Default: true. */
  readonly selected?: boolean
  /**
   * True: its requests may be under way while those of other resources are, `extract.workers` of them in all. Default:
   * false, only one asynchronous resource is waited for at a time.
   */
  readonly parallelized?: boolean
  /**
   * What its function needs from the configuration: values declared by `config.value()` and `secrets.value()`, and plain
   * ones, which are defaults. They are looked for under `sources.<section>.<name>`, and arrive as `config` in the context.
   */
  readonly config?: Spec
  /** Section of the configuration. Default: that of the source, else the name. */
  readonly section?: string
}

/** Where rows come from: data of their own, or pages of another resource. */
export type Head =
  | { readonly kind: 'data'; readonly data: DataOf<unknown, never> }
  | { readonly kind: 'pages'; readonly parent: Resource | undefined; readonly fn: PageFunction }

/** The function of a transformer. */
export type PageFunction = (page: readonly never[], context: never) => unknown

/** What a resource is made of. */
export interface ResourceDefinition {
  readonly name: string
  readonly head: Head
  /** In the order in which they run. */
  readonly steps: readonly Step[]
  readonly limit: Limit | undefined
  readonly isSelected: boolean
  readonly isParallelized: boolean
  readonly config: ConfigSpec
  readonly section: string | undefined
  /** The declared cursor, which the configuration may change; one from elsewhere, as `applyHints` sets it, stays. */
  readonly incremental: Incremental | undefined
}

/**
 * Rows with a name and with hints of their own; made by `resource` and `transformer`.
 *
 * To iterate over it reads its rows without a pipeline, as they would be written: transformers, steps, cursor and limit are
 * applied. Cursors and notes begin with nothing, and are not kept. What `break` leaves is not read.
 */
export interface Resource<Row = unknown> extends AsyncIterable<Row> {
  readonly kind: typeof resourceKind
  readonly name: string
  readonly hints: ResourceHints
  readonly definition: ResourceDefinition
  /** The same resource, with what the function makes of each row; rows for which that is null or undefined are left out. */
  map<To>(fn: (row: Row) => To): Resource<NonNullable<Awaited<To>>>
  /** The same resource, with the rows for which the function gives true. */
  filter<Kept extends Row>(fn: (row: Row) => row is Kept): Resource<Kept>
  filter(fn: (row: Row) => boolean | Promise<boolean>): Resource<Row>
  /** The same resource, with all that the function gives for each row, in place of the row. */
  yieldMap<Item>(fn: (row: Row) => AnyIterable<Item> | Promise<AnyIterable<Item>>): Resource<RowOf<Item>>
  /**
   * The same resource, which ends after some of its pages; for trying things out. The limit comes after all steps and the
   * cursor, wherever it is called, and replaces another one.
   *
   * @param maxItems  pages, a row that is yielded by itself being one; null or -1: any number
   * @throws {InvalidHint}
   */
  limit(maxItems: number | null, options?: LimitOptions): Resource<Row>
  /** The rows that a transformer makes of these. */
  pipe<To>(transformer: Transformer<Row, To>): Resource<To>
  /**
   * Changes hints of this resource: columns and additional hints are added, references replace those to the same table,
   * all else replaces what was there. Null, or an empty list, map or text, takes a hint away.
   *
   * @returns the resource itself
   * @throws {InvalidHint} @throws {InconsistentTableTemplate}
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
 * @throws {InvalidHint} the name is empty, `incremental` is no cursor, or a list is `parallelized`
 * @throws {InconsistentTableTemplate} a hint is a function of the row, and `tableName` is not
 */
export function resource<Item, Of extends Incremental | undefined = undefined, Spec extends ConfigSpec = NoConfig>(
  options: Untyped<ResourceOptions<Of, Spec>>,
  data: DataOf<Item, ContextOf<Of, Spec>>,
): Resource<RowOf<Item>>
export function resource<
  Schema extends RowSchema,
  Of extends Incremental | undefined = undefined,
  Spec extends ConfigSpec = NoConfig,
>(
  options: Typed<ResourceOptions<Of, Spec>, Schema>,
  data: ResourceData<InputOf<Schema>, ContextOf<Of, Spec>>,
): Resource<InputOf<Schema>>
export function resource(options: ResourceOptions, data: DataOf<unknown, never>): Resource {
  if (options.parallelized === true && Array.isArray(data)) {
    throw new InvalidHint(`Resource "${options.name}" is a list, in which nothing can run in parallel.`)
  }
  return declareResource(options, { kind: 'data', data })
}

/** The resource with these options. @throws {InvalidHint} */
export function declareResource(options: ResourceOptions, head: Head): Resource {
  const {
    name,
    selected: isSelected = true,
    parallelized: isParallelized = false,
    config = {},
    section,
    ...hints
  } = options
  if (typeof name !== 'string' || name.trim() === '') throw new InvalidHint('A resource needs a "name".', { name })
  const { incremental } = hints
  checkCursor(name, incremental)
  checkPerRow(hints, `resource "${name}"`)
  return new DeclaredResource(
    { name, head, steps: [], limit: undefined, isSelected, isParallelized, config, section, incremental },
    hints,
  )
}

/** True for what `resource` and `transformer` returned. */
export function isResource(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === resourceKind
}

class DeclaredResource implements Resource {
  readonly kind: typeof resourceKind = resourceKind
  readonly definition: ResourceDefinition
  #hints: ResourceHints

  constructor(definition: ResourceDefinition, hints: ResourceHints) {
    this.definition = definition
    this.#hints = hints
  }

  get name(): string {
    return this.definition.name
  }

  get hints(): ResourceHints {
    return this.#hints
  }

  map(fn: (row: never) => unknown): Resource<never> {
    return this.#withStep({ kind: 'map', fn })
  }

  filter(fn: (row: never) => unknown): Resource<never> {
    return this.#withStep({ kind: 'filter', fn })
  }

  yieldMap(fn: (row: never) => unknown): Resource<never> {
    return this.#withStep({ kind: 'yieldMap', fn })
  }

  limit(maxItems: number | null, options: LimitOptions = {}): Resource {
    return this.#with({ limit: limitOf(maxItems, options, `resource "${this.name}"`) })
  }

  pipe<To>(transformer: Transformer<unknown, To>): Resource<To> {
    return transformer.from(this)
  }

  /** Binds a transformer. */
  from(parent: Resource): Resource<never> {
    const { head } = this.definition
    if (head.kind === 'data') throw new InvalidHint(`"${this.name}" is no transformer, and takes no rows of others.`)
    return this.#with({ head: { ...head, parent } }) as Resource<never>
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<never> {
    const { rowsOfResource } = await import('./pipe/iterate-rows.ts')
    yield* rowsOfResource(this) as AsyncGenerator<never>
  }

  applyHints(changes: HintChanges<ResourceHints>): this {
    checkCursor(this.name, changes.incremental ?? undefined)
    const place = `resource "${this.name}"`
    const changed = changedHints(this.#hints, changes, place)
    checkPerRow(changed, place)
    this.#hints = changed
    return this
  }

  #withStep({ kind, fn }: { readonly kind: Step['kind']; readonly fn: (row: never) => unknown }): Resource<never> {
    const step = { kind, fn: fn as Step['fn'] }
    return this.#with({ steps: [...this.definition.steps, step] }) as Resource<never>
  }

  #with(changes: Partial<ResourceDefinition>): Resource {
    return new DeclaredResource({ ...this.definition, ...changes }, this.#hints)
  }
}

function checkCursor(name: string, given: unknown): void {
  if (given === undefined || isIncremental(given)) return
  throw new InvalidHint(`"incremental" of resource "${name}" takes what incremental('<field>') returns.`)
}
