import {
  checkSchemaName,
  resolveConfig,
  UsageError,
  type ConfigSpec,
  type NoConfig,
  type Configuration,
  type Resolved,
} from '@gantry/common'
import type { SchemaContractHint } from './hints/hints.ts'
import { checkKeys } from './hints/invalid-hint.ts'
import { isResource, type Resource } from './resource.ts'

/** What holds for all tables of a source. What is left out stays as the source's schema has it. */
export interface SourceSettings {
  /** Contract of the source's schema from now on. */
  readonly schemaContract?: SchemaContractHint | undefined
  /** As `maxTableNesting` of a resource, which wins over it. */
  readonly maxTableNesting?: number | undefined
  /** True: rows of nested tables have the id of their root row in `_dlt_root_id`. Default: where a merge needs it. */
  readonly rootKey?: boolean | undefined
}

export interface SourceOptions<Spec extends ConfigSpec = ConfigSpec> extends SourceSettings {
  /** Names the schema that the source's tables are in: letters, digits and underscores. */
  readonly name: string
  /** What `build` needs from the configuration, as with a resource; looked for under `sources.<section>.<name>`. */
  readonly config?: Spec
  /** Section of the configuration for the source and its resources. Default: the name. */
  readonly section?: string
}

/** What a source is built with. */
export interface SourceContext<Config = unknown> {
  /** The values that the source declares as `config`. */
  readonly config: Config
}

/** What a source is built of: one resource, or several in a form that can be iterated. */
export type SourceResources = Resource | Iterable<Resource> | AsyncIterable<Resource>

/**
 * Resources that belong together, with a schema of their own; made by {@link source}.
 *
 * To iterate over it reads the rows of its resources by turns, as with a {@link Resource}.
 */
export interface Source extends AsyncIterable<unknown> {
  readonly kind: typeof sourceKind
  readonly name: string
  readonly settings: SourceSettings
  /** Of the configuration, for the source and its resources. */
  readonly section: string
  /**
   * The same source with these resources alone, those included that are not selected by themselves.
   *
   * What is not there is an error when the source is extracted.
   */
  withResources(...names: string[]): Source
  /**
   * The resources to extract, in their order.
   *
   * @throws {InvalidSource} @throws {ResourcesNotFoundError} @throws {ConfigFieldMissing}
   */
  selectedResources(configuration: Configuration): Promise<readonly Resource[]>
}

/** Tells a source from rows, also where two copies of the package meet in one program. */
export const sourceKind: unique symbol = Symbol.for('gantry.source')

/** A source is built of something else than resources, or of two with one name. */
export class InvalidSource extends UsageError {
  override readonly code = 'invalid_source'
}

/** `withResources` names resources that the source does not have. */
export class ResourcesNotFoundError extends UsageError {
  override readonly code = 'resources_not_found'

  constructor(sourceName: string, missing: readonly string[], available: readonly string[]) {
    super(
      `Source "${sourceName}" has no resource ${missing.map((name) => `"${name}"`).join(', ')}. It has: ${available.join(', ')}.`,
      { source: sourceName, missing, available },
    )
  }
}

const knownOptions = ['name', 'section', 'config', 'schemaContract', 'maxTableNesting', 'rootKey']

/**
 * Declares a source: resources whose tables are in a schema of their own, named after the source. `build` is called when
 * the source is extracted, anew for each run.
 *
 * @throws {InvalidSchemaName} the name is not letters, digits and underscores, or too long
 * @throws {InvalidHint} an unknown option
 */
export function source<Spec extends ConfigSpec = NoConfig>(
  options: SourceOptions<Spec>,
  build: (context: SourceContext<Resolved<Spec>>) => SourceResources | Promise<SourceResources>,
): Source {
  checkKeys(options, knownOptions, `source "${options.name}"`, () => false)
  const { name, section = name, config, ...settings } = options
  checkSchemaName(name)
  const resources = async (configuration: Configuration): Promise<Map<string, Resource>> => {
    const place = { sections: ['sources', section, name] }
    const spec = config ?? ({} as Spec)
    return resourcesOf(name, await build({ config: resolveConfig(spec, place, `Source "${name}"`, configuration) }))
  }
  return sourceOf({ name, section, settings, resources, selected: undefined })
}

/** True for what {@link source} returned. */
export function isSource(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === sourceKind
}

interface SourceParts extends Pick<Source, 'name' | 'section' | 'settings'> {
  readonly resources: (configuration: Configuration) => Promise<ReadonlyMap<string, Resource>>
  /** Undefined: those that are selected by themselves. */
  readonly selected: readonly string[] | undefined
}

function sourceOf({ resources, selected, ...parts }: SourceParts): Source {
  return {
    kind: sourceKind,
    ...parts,
    withResources: (...names) => sourceOf({ ...parts, resources, selected: names }),
    selectedResources: async (configuration) => select(parts.name, await resources(configuration), selected),
    async *[Symbol.asyncIterator]() {
      const { rowsOfSource } = await import('./pipe/iterate-rows.ts')
      yield* rowsOfSource(this)
    },
  }
}

async function resourcesOf(sourceName: string, built: SourceResources): Promise<Map<string, Resource>> {
  const resources = new Map<string, Resource>()
  const isList =
    typeof built === 'object' && built !== null && (Symbol.iterator in built || Symbol.asyncIterator in built)
  // A resource by itself is iterable, too: over its rows.
  for await (const one of isList && !isResource(built) ? (built as AsyncIterable<unknown>) : [built as unknown]) {
    if (!isResource(one)) {
      throw new InvalidSource(
        `Source "${sourceName}" was built of ${one === null ? 'null' : `a ${typeof one}`}. Return resources: () => [resource({ name }, rows)].`,
        { source: sourceName },
      )
    }
    if (resources.has(one.name)) {
      throw new InvalidSource(
        `Source "${sourceName}" has two resources "${one.name}". Give one of them another name.`,
        {
          source: sourceName,
          resource: one.name,
        },
      )
    }
    resources.set(one.name, one)
  }
  return resources
}

function select(
  sourceName: string,
  resources: ReadonlyMap<string, Resource>,
  names: readonly string[] | undefined,
): readonly Resource[] {
  if (names === undefined) return [...resources.values()].filter(({ definition }) => definition.isSelected)
  const missing = names.filter((name) => !resources.has(name))
  if (missing.length > 0) throw new ResourcesNotFoundError(sourceName, missing, [...resources.keys()])
  return [...resources.values()].filter((one) => names.includes(one.name))
}
