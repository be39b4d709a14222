import { exitCodeOf, GantryError, InvalidUsage, UsageError, type ExtractDataInfo } from '@gantry/common'
import { mergeColumns } from './hints/change-hints.ts'
import type { Hints } from './hints/hints.ts'
import { isResource, type Resource, type ResourceContext, type ResourceData, type ResourceHints } from './resource.ts'
import { isSource, type SourceSettings } from './source.ts'
import { describeInput, tableOfPath, type Input } from './sources/files/input.ts'

/*
 * What a user hands to `run` and `extract`, in the one form in which the stage takes it: resources by the schema that
 * their tables go to.
 */

/** Something that yields rows. Without a name of its own, each of its tables counts as a resource. */
export type Extractable =
  | {
      readonly kind: 'rows'
      readonly name: string | undefined
      readonly hints: ResourceHints
      readonly data: ResourceData<unknown, never>
    }
  | { readonly kind: 'file'; readonly name: string; readonly hints: Hints; readonly input: Input }

/** What goes into one schema. */
export interface ExtractableSource {
  /** Name of the schema; undefined: the pipeline's default schema. */
  readonly name: string | undefined
  readonly settings: SourceSettings
  readonly resources: readonly Extractable[]
}

/** What a run says about all of its resources. */
export interface RunHints extends Hints {
  /** Format of load files for tables whose resource has no `fileFormat`; recorded with them. */
  readonly loaderFileFormat?: string | undefined
}

/** Rows were given without saying which table they go to. */
export class ResourceNameMissing extends UsageError {
  override readonly code = 'resource_name_missing'
}

/** Data that cannot be a set of rows. */
export class InvalidResourceData extends UsageError {
  override readonly code = 'invalid_resource_data'
}

/** What the user's code, or what it reads from, threw while rows were taken from it; `cause` is that. */
export class ResourceExtractionError extends GantryError {
  override readonly code = 'resource_extraction_error'
  override readonly terminal: boolean

  constructor(resource: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(`Resource "${resource}" failed: ${reason}`, { resource }, { cause })
    this.terminal = exitCodeOf(cause) !== 75
  }

  override get exitCode(): number {
    return exitCodeOf(this.cause)
  }
}

/**
 * The sources in what a user gave: sources or resources, one or a list of them, or bare rows.
 *
 * @param hints  of the run; they win over those of resources
 * @throws {ResourceNameMissing} bare rows without `tableName`
 * @throws {InvalidResourceData} a single object, text or anything else that is no set of rows
 * @throws {InvalidSource} @throws {ResourcesNotFoundError}
 */
export async function extractableSources(
  data: unknown,
  { loaderFileFormat, ...hints }: RunHints,
): Promise<ExtractableSource[]> {
  const sources = await sourcesIn(data, hints)
  if (loaderFileFormat === undefined) return sources
  return sources.map((source) => ({
    ...source,
    resources: source.resources.map((one) => withFormat(one, loaderFileFormat as Hints['fileFormat'])),
  }))
}

/** The resource, with the format for its load files where it has none of its own. */
function withFormat(one: Extractable, format: Hints['fileFormat']): Extractable {
  const { fileFormat = format } = one.hints
  return { ...one, hints: { ...one.hints, ...(fileFormat === undefined ? {} : { fileFormat }) } }
}

async function sourcesIn(data: unknown, hints: Hints): Promise<ExtractableSource[]> {
  const list: readonly unknown[] = Array.isArray(data) ? data : [data]
  const [first] = list
  if (isSource(first)) {
    const sources: ExtractableSource[] = []
    for (const one of list) {
      if (!isSource(one)) throw mixed('sources')
      const resources = (await one.selectedResources()).map((each) => ofResource(each, hints))
      sources.push({ name: one.name, settings: one.settings, resources })
    }
    return sources
  }
  if (isResource(first)) {
    const resources = list.map((one) => {
      if (!isResource(one)) throw mixed('resources')
      return ofResource(one, hints)
    })
    return [bareSource(resources)]
  }
  return [bareSource([bareRows(data, hints)])]
}

/** What a resource was made of, for the step's info: `Array`, `AsyncGenerator`, `file`, …; bare rows have no name. */
export function describeExtractable(one: Extractable): ExtractDataInfo {
  if (one.kind === 'file') return { name: one.name, dataType: 'file' }
  return { name: one.name ?? '', dataType: Object.prototype.toString.call(one.data).slice('[object '.length, -1) }
}

/** Resources that go to the pipeline's default schema. */
export function bareSource(resources: readonly Extractable[]): ExtractableSource {
  return { name: undefined, settings: {}, resources }
}

/** Rows without a resource around them. @throws {ResourceNameMissing} @throws {InvalidResourceData} */
export function bareRows(data: unknown, given: Hints): Extractable {
  if (!isResourceData(data)) throw notRows(data)
  // As in dlt, a function lends its name to the table.
  const ownName = typeof data === 'function' && data.name !== '' ? data.name : undefined
  const hints = { ...given, tableName: given.tableName ?? ownName }
  const { tableName } = hints
  if (tableName === undefined) {
    throw new ResourceNameMissing("The rows need a table to go to: pass { tableName: '…' } with them.")
  }
  return {
    kind: 'rows',
    name: typeof tableName === 'string' ? tableName : undefined,
    hints: { ...hints, tableName },
    data,
  }
}

/** An input file as a resource; the table is `--table`, else the stem of its name. @throws {InvalidUsage} */
export function fileResource(path: string, hints: Hints): Extractable {
  if (typeof hints.tableName === 'function') {
    throw new InvalidUsage(`The rows of ${path} are copied unread, so their table must be a name, not a function.`)
  }
  const name = hints.tableName ?? tableOfPath(path)
  if (name.trim() === '') throw new InvalidUsage('A table name must not be empty.')
  return { kind: 'file', name, hints: { ...hints, tableName: name }, input: describeInput(path) }
}

/**
 * The rows of a resource's data, ready to be iterated once. What the user's code throws comes as a
 * {@link ResourceExtractionError}.
 *
 * @throws {InvalidResourceData}
 */
export async function openRows(
  resource: string,
  data: ResourceData<unknown, never>,
  context: ResourceContext,
): Promise<Iterable<unknown> | AsyncIterable<unknown>> {
  const failed = (cause: unknown): unknown =>
    // Code that was told to stop says so in its own way, and Gantry's own errors say what is to be done.
    context.signal.aborted || cause instanceof GantryError ? cause : new ResourceExtractionError(resource, cause)
  let rows: unknown
  try {
    rows = await (typeof data === 'function' ? data(context as ResourceContext<never>) : data)
  } catch (error) {
    throw failed(error)
  }
  if (Array.isArray(rows)) return rows
  if (!isIterable(rows)) throw notRows(rows, resource)
  return Symbol.asyncIterator in rows ? watchAsync(rows, failed) : watch(rows, failed)
}

function* watch(rows: Iterable<unknown>, failed: (cause: unknown) => unknown): Generator {
  try {
    yield* rows
  } catch (error) {
    throw failed(error)
  }
}

async function* watchAsync(rows: AsyncIterable<unknown>, failed: (cause: unknown) => unknown): AsyncGenerator {
  try {
    yield* rows
  } catch (error) {
    throw failed(error)
  }
}

function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  if (typeof value !== 'object' || value === null) return false
  if (value instanceof Uint8Array || value instanceof Map) return false
  return Symbol.iterator in value || Symbol.asyncIterator in value
}

function isResourceData(value: unknown): value is ResourceData {
  return typeof value === 'function' || value instanceof Promise || isIterable(value)
}

function notRows(data: unknown, resource?: string): InvalidResourceData {
  const what = data === null ? 'null' : typeof data === 'object' ? 'a single object' : `a ${typeof data}`
  const from = resource === undefined ? '' : ` from "${resource}"`
  return new InvalidResourceData(`Expected rows${from}, got ${what}. Put it in a list: [row], or pass an iterable.`)
}

function mixed(kind: 'sources' | 'resources'): InvalidResourceData {
  return new InvalidResourceData(`The list begins with ${kind} and holds something else. Pass ${kind} only.`)
}

function ofResource({ name, hints, data }: Resource, ofRun: Hints): Extractable {
  if (!isResourceData(data)) throw notRows(data, name)
  const given = Object.fromEntries(Object.entries(ofRun).filter(([, value]) => value !== undefined)) as Hints
  // Those of the run are added to those of the resource.
  const columns = mergeColumns(hints.columns, given.columns, `resource "${name}"`)
  return { kind: 'rows', name, hints: { ...hints, ...given, ...(columns === undefined ? {} : { columns }) }, data }
}
