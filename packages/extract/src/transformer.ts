import type { ConfigSpec, NoConfig } from '@gantry/common'
import type { HintChanges } from './hints/change-hints.ts'
import { InvalidHint } from './hints/invalid-hint.ts'
import type { InputOf, RowSchema } from './hints/row-schema.ts'
import type { Incremental } from './incremental/incremental.ts'
import type { ContextOf } from './resource-context.ts'
import {
  declareResource,
  isResource,
  type PageFunction,
  type Resource,
  type ResourceHints,
  type ResourceOptions,
  type Typed,
  type Untyped,
} from './resource.ts'
import type { AnyIterable, RowOf, Yielded } from './yielded.ts'

export interface TransformerOptions<
  Of extends Incremental | undefined = Incremental | undefined,
  Spec extends ConfigSpec = ConfigSpec,
> extends ResourceOptions<Of, Spec> {
  /** The resource whose pages the function gets; it can also be given later, by `pipe`. */
  readonly dataFrom?: Resource<never> | undefined
}

/** A transformer that is not bound to the resource that its pages come from. */
export interface Transformer<In = unknown, Row = unknown> {
  readonly name: string
  readonly hints: ResourceHints
  /** The resource of what the transformer makes of the rows of another one; that one is extracted for it, once for all. */
  readonly from: (parent: Resource<In>) => Resource<Row>
  map<To>(fn: (row: Row) => To): Transformer<In, NonNullable<Awaited<To>>>
  filter<Kept extends Row>(fn: (row: Row) => row is Kept): Transformer<In, Kept>
  filter(fn: (row: Row) => boolean | Promise<boolean>): Transformer<In, Row>
  yieldMap<Item>(fn: (row: Row) => AnyIterable<Item> | Promise<AnyIterable<Item>>): Transformer<In, RowOf<Item>>
  applyHints(changes: HintChanges<ResourceHints>): this
}

/** What the function of a transformer may return: a list is one page; from anything else pages are taken. */
export type TransformedOf<Item> =
  AnyIterable<Item> | null | undefined | void | Promise<AnyIterable<Item> | null | undefined | void>

/** Options of a transformer that is bound to its parent. */
type Bound<Options, In> = Options & { readonly dataFrom: Resource<In> }

/** Options of one that is not. */
type Unbound<Options> = Options & { readonly dataFrom?: undefined }

/**
 * Declares a transformer: a resource whose rows are made of the pages of another one. The function is called for each page
 * as the other resource yields it, a row that is yielded by itself being a page of one. It may return what the data of a
 * resource may be, or nothing.
 *
 * @param options  those of a resource, and `dataFrom`
 * @throws {InvalidHint} as `resource`; or `dataFrom` is no resource
 */
export function transformer<
  In,
  Item,
  Of extends Incremental | undefined = undefined,
  Spec extends ConfigSpec = NoConfig,
>(
  options: Bound<Untyped<ResourceOptions<Of, Spec>>, In>,
  fn: (page: readonly In[], context: ContextOf<Of, Spec>) => TransformedOf<Item>,
): Resource<RowOf<Item>>
export function transformer<
  In,
  Item,
  Of extends Incremental | undefined = undefined,
  Spec extends ConfigSpec = NoConfig,
>(
  options: Unbound<Untyped<ResourceOptions<Of, Spec>>>,
  fn: (page: readonly In[], context: ContextOf<Of, Spec>) => TransformedOf<Item>,
): Transformer<In, RowOf<Item>>
export function transformer<
  In,
  Schema extends RowSchema,
  Of extends Incremental | undefined = undefined,
  Spec extends ConfigSpec = NoConfig,
>(
  options: Bound<Typed<ResourceOptions<Of, Spec>, Schema>, In>,
  fn: (page: readonly In[], context: ContextOf<Of, Spec>) => TransformedOf<Yielded<InputOf<Schema>>>,
): Resource<InputOf<Schema>>
export function transformer<
  In,
  Schema extends RowSchema,
  Of extends Incremental | undefined = undefined,
  Spec extends ConfigSpec = NoConfig,
>(
  options: Unbound<Typed<ResourceOptions<Of, Spec>, Schema>>,
  fn: (page: readonly In[], context: ContextOf<Of, Spec>) => TransformedOf<Yielded<InputOf<Schema>>>,
): Transformer<In, InputOf<Schema>>
export function transformer(
  { dataFrom: parent, ...options }: ResourceOptions & { readonly dataFrom?: Resource | undefined },
  fn: PageFunction,
): Resource | Transformer {
  if (typeof fn !== 'function') throw new InvalidHint(`Transformer "${options.name}" needs a function of pages.`)
  if (parent !== undefined && !isResource(parent)) {
    throw new InvalidHint(`"dataFrom" of transformer "${options.name}" takes a resource, as resource() returns it.`)
  }
  return declareResource(options, { kind: 'pages', parent, fn })
}
