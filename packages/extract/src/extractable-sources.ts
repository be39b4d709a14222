import { UsageError, type Configuration } from '@gantry/common'
import { bareSource, type ExtractableSource, type RowsResource } from './extractable.ts'
import { mergeColumns } from './hints/change-hints.ts'
import type { Hints, SchemaContractHint } from './hints/hints.ts'
import { checkPerRow } from './hints/hints-of-row.ts'
import { configuredIncremental } from './incremental/configured-incremental.ts'
import { InvalidResourceData, isResourceData, notRows } from './pipe/rows-of.ts'
import { isResource, type Resource, type ResourceHints } from './resource.ts'
import { InvalidSource, isSource } from './source.ts'

/*
 * What a user hands to `run` and `extract`, taken apart.
 */

/** What a run says about all of its resources. */
export interface RunHints extends Omit<Hints, 'schemaContract'> {
  /** Of the whole schema from now on. */
  readonly schemaContract?: SchemaContractHint | undefined
  /** Format of load files for tables whose resource has no `fileFormat`; recorded with them. */
  readonly loaderFileFormat?: string | undefined
}

/** Rows were given without saying which table they go to. */
export class ResourceNameMissing extends UsageError {
  override readonly code = 'resource_name_missing'
}

/** A transformer is extracted, and nothing says whose rows it transforms. */
export class PipeNotBoundToData extends UsageError {
  override readonly code = 'pipe_not_bound_to_data'

  constructor(name: string) {
    super(
      `Transformer "${name}" is not bound to a resource. Give it one as "dataFrom", or extract parent.pipe(transformer).`,
      { resource: name },
    )
  }
}

/**
 * The sources in what a user gave: sources or resources, one or a list of them, or bare rows.
 *
 * @param hints  of the run; they win over those of resources
 * @throws {ResourceNameMissing} bare rows without `tableName`
 * @throws {InvalidResourceData} a single object, text or anything else that is no set of rows
 * @throws {InvalidSource} @throws {ResourcesNotFoundError} @throws {PipeNotBoundToData} @throws {ConfigFieldMissing}
 */
export async function extractableSources(
  data: unknown,
  hints: RunHints,
  configuration: Configuration,
): Promise<ExtractableSource[]> {
  const list: readonly unknown[] = Array.isArray(data) ? data : [data]
  const [first] = list
  if (isSource(first)) {
    const sources: ExtractableSource[] = []
    for (const one of list) {
      if (!isSource(one)) throw mixed('sources')
      const { name, section, settings } = one
      const resources = withParents(await one.selectedResources(configuration), hints, {
        name: `Source "${name}"`,
        section,
        configuration,
      })
      sources.push({ name, section, settings, resources })
    }
    return sources
  }
  if (!isResource(first)) return [bareSource([bareRows(data, hints)])]
  const resources = list.map((one) => (isResource(one) ? one : refuse(mixed('resources'))))
  const place = { name: 'The list of resources', section: undefined, configuration }
  return byName(resources).map((group) => bareSource(withParents(group, hints, place)))
}

/** Rows without a resource around them. @throws {ResourceNameMissing} @throws {InvalidResourceData} */
export function bareRows(data: unknown, given: RunHints): RowsResource {
  if (!isResourceData(data)) throw notRows(data)
  // As in dlt, a function lends its name to the table.
  const ownName = typeof data === 'function' && data.name !== '' ? data.name : undefined
  const tableName = given.tableName ?? ownName
  if (tableName === undefined) {
    throw new ResourceNameMissing("The rows need a table to go to: pass { tableName: '…' } with them.")
  }
  const name = typeof tableName === 'string' ? tableName : undefined
  return {
    kind: 'rows',
    name,
    hints: hintsOfRun({}, { ...given, tableName }, 'the rows'),
    definition: {
      name: name ?? 'rows',
      head: { kind: 'data', data },
      steps: [],
      limit: undefined,
      isSelected: true,
      isParallelized: false,
      config: {},
      section: undefined,
      incremental: undefined,
    },
    parent: undefined,
    isWritten: true,
  }
}

/** Resources by turns in groups, so that no name is in one twice; groups are extracted one after the other. */
function byName(resources: readonly Resource[]): Resource[][] {
  const groups: Resource[][] = []
  for (const one of resources) {
    const group = groups.find((others) => others.every(({ name }) => name !== one.name))
    if (group === undefined) groups.push([one])
    else group.push(one)
  }
  return groups
}

/** What resources are in. */
export interface ResourcesPlace {
  /** For messages. */
  readonly name: string
  /** Of the configuration; undefined: each resource has its own. */
  readonly section: string | undefined
  readonly configuration: Configuration
}

/** The resources and those that their pages come from, each once; the latter are not written, unless they are selected too. */
export function withParents(selected: readonly Resource[], hints: RunHints, place: ResourcesPlace): RowsResource[] {
  const known = new Map<Resource, RowsResource>()
  const names = new Set<string>()
  const add = (resource: Resource): RowsResource => {
    const there = known.get(resource)
    if (there !== undefined) return there
    const { name, definition } = resource
    const { head } = definition
    if (head.kind === 'data' && !isResourceData(head.data)) throw notRows(head.data, name)
    if (head.kind === 'pages' && head.parent === undefined) throw new PipeNotBoundToData(name)
    const parent = head.kind === 'pages' && head.parent !== undefined ? add(head.parent) : undefined
    if (names.has(name)) {
      throw new InvalidSource(
        `${place.name} has two resources "${name}", one of them as the parent of a transformer. Steps and limits make a new ` +
          'resource: bind transformers to the one that is extracted, or give one of the two another name.',
        { resource: name },
      )
    }
    names.add(name)
    const ownHints = hintsOfRun(configuredHints(resource, place), hints, `resource "${name}"`)
    const isWritten = selected.includes(resource)
    const one: RowsResource = { kind: 'rows', name, hints: ownHints, definition, parent, isWritten }
    known.set(resource, one)
    return one
  }
  for (const resource of selected) add(resource)
  return [...known.values()]
}

/** The hints of a resource, its cursor as it is configured. */
function configuredHints({ name, hints, definition }: Resource, place: ResourcesPlace): ResourceHints {
  const { incremental, section = place.section ?? name } = definition
  if (incremental === undefined || hints.incremental !== incremental) return hints
  return { ...hints, incremental: configuredIncremental(incremental, { section, name }, place.configuration) }
}

/** Hints with those of a run over them; columns are added to each other. */
function hintsOfRun(own: ResourceHints, { loaderFileFormat, ...ofRun }: RunHints, place: string): ResourceHints {
  const given = Object.fromEntries(Object.entries(ofRun).filter(([, value]) => value !== undefined)) as Hints
  const columns = mergeColumns(own.columns, given.columns, place)
  const hints = { ...own, ...given, ...(columns === undefined ? {} : { columns }) }
  checkPerRow(hints, place)
  const fileFormat = hints.fileFormat ?? (loaderFileFormat as Hints['fileFormat'])
  return fileFormat === undefined ? hints : { ...hints, fileFormat }
}

function mixed(kind: 'sources' | 'resources'): InvalidResourceData {
  return new InvalidResourceData(`The list begins with ${kind} and holds something else. Pass ${kind} only.`)
}

function refuse(error: Error): never {
  throw error
}
