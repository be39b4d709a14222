import { InvalidUsage, UnknownDestination, UsageError } from '../config/config-errors.ts'
import type { Configuration } from '../config/configuration.ts'
import { pipelineSetting } from '../config/pipeline-settings.ts'
import { textOf } from '../config/coerce.ts'
import { importModuleSync } from '../modules/import-module.ts'
import { declarationOf } from '../pipeline-declaration.ts'
import type { PipelineState } from '../storage/pipeline-state.ts'
import { capabilitiesOf, isKnownDestination, knownDestinations } from './capabilities.ts'
import { sinkType, type Sink } from './sink.ts'

/** A destination as declared: what it is, what it is called, how to get there. Declaring one imports and opens nothing. */
export interface DestinationDeclaration {
  /** The engine, such as `duckdb`. Default: `destination.<name>.destination_type`. */
  readonly type?: string
  /** Under which its settings are looked for: `destination.<name>.…`. Default: the engine's. */
  readonly name?: string
  /** Undefined: found in the configuration when the destination is opened. */
  readonly credentials?: unknown
  /** Settings of the destination given in code, under dlt's names; ahead of the configuration. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Of a sink, which is a function: it stays in the process that has declared it. */
  readonly sink?: Sink
}

/** A declared destination whose engine and name are known. */
export interface DestinationReference extends DestinationDeclaration {
  readonly type: string
  readonly name: string
}

/**
 * The destination that is meant, by dlt's rules (`dlt/common/destination/reference.py`): a reference is taken as it is; of
 * a name, the type is `destination.<name>.destination_type` if that is configured, else the name itself; a path is a
 * module whose default export is a reference, or a pipeline that has one. Where nothing is given, `DESTINATION_TYPE` and
 * `DESTINATION_NAME` say it.
 *
 * @returns undefined where it is said nowhere
 * @throws {UnknownDestination} lists the known ones
 */
export function resolveDestination(
  given: string | DestinationDeclaration | undefined,
  configuration: Configuration,
): DestinationReference | undefined {
  if (typeof given === 'object') return resolved(given, configuration)
  const text = given ?? textOf(pipelineSetting('destination_type', configuration))
  const name = given === undefined ? textOf(pipelineSetting('destination_name', configuration)) : undefined
  if (text === undefined) return name === undefined ? undefined : named(name, configuration)
  if (isModulePath(text)) return importReference(text, configuration)
  if (name !== undefined) return { type: capabilitiesOf(text).destination, name }
  return named(text, configuration)
}

/**
 * The destination of a pipeline: as given, else as configured, else the one that its state names, else duckdb.
 *
 * @throws {UnknownDestination}
 * @throws {SinkNotGiven} the state names a sink
 */
export function pipelineDestination(
  given: string | DestinationDeclaration | undefined,
  configuration: Configuration,
  state?: PipelineState,
): DestinationReference {
  const found = resolveDestination(given, configuration)
  if (found !== undefined) return found
  const [type, name] = ['destination_type', 'destination_name'].map((key) => state?.document.get(key))
  if (typeof type !== 'string') return named('duckdb', configuration)
  if (type === `dlt.destinations.${sinkType}`) throw new SinkNotGiven(typeof name === 'string' ? name : sinkType)
  const { destination } = capabilitiesOf(type)
  return { type: destination, name: typeof name === 'string' ? name : destination }
}

/** A pipeline has loaded to a sink before, and nobody says to which function it loads now. */
export class SinkNotGiven extends UsageError {
  override readonly code = 'sink_not_given'

  constructor(name: string) {
    super(
      `The pipeline loads to sink "${name}". A sink is a function, of which its state knows the name alone. Pass it again: ` +
        'pipeline({ destination: sink }); or on the command line the module that exports it: --destination ./sink.ts.',
      { name },
    )
  }
}

/** By its name alone. A type that is configured goes before an engine of that name. */
function named(name: string, configuration: Configuration): DestinationReference {
  const setting = configuration.find('destination_type', [['destination', name]])
  const type = textOf(setting)
  if (type !== undefined && isKnownDestination(type)) return { type: capabilitiesOf(type).destination, name }
  if (isKnownDestination(name)) {
    const { destination } = capabilitiesOf(name)
    return { type: destination, name: destination }
  }
  if (type !== undefined) {
    throw new InvalidUsage(
      `${setting?.key} is "${type}", which is no destination. Known destinations: ${knownDestinations.join(', ')}.`,
      { type },
    )
  }
  throw new UnknownDestination(name, knownDestinations)
}

function resolved(given: DestinationDeclaration, configuration: Configuration): DestinationReference {
  const { type, name = type } = given
  if (given.sink !== undefined) return { ...given, type: sinkType, name: name ?? sinkType }
  if (type !== undefined) {
    const { destination } = capabilitiesOf(type)
    return { ...given, type: destination, name: name === type ? destination : (name as string) }
  }
  if (name === undefined) throw new InvalidUsage('A destination needs a type or a name.')
  return { ...given, ...named(name, configuration) }
}

/** `./warehouse.ts`, `/srv/warehouse.mjs`; dlt's own dotted references are none. */
function isModulePath(text: string): boolean {
  return /^\.{0,2}\//.test(text) || /\.[cm]?[jt]s$/.test(text)
}

function importReference(path: string, configuration: Configuration): DestinationReference {
  let exported: unknown
  try {
    // Not by `import()`: a pipeline says what its destination is as soon as it is made.
    exported = importModuleSync(path)['default']
  } catch (cause) {
    throw new InvalidUsage(
      `The destination's module ${path} cannot be imported: ${(cause as Error).message}`,
      { path },
      { cause },
    )
  }
  const pipeline = declarationOf(exported)
  const declared = pipeline === undefined ? exported : pipeline.destination
  if (isDeclaration(declared)) return resolved(declared, configuration)
  throw new InvalidUsage(
    `The default export of ${path} is no destination. It is what destinations.duckdb(…), destinations.postgres(…), ` +
      'destination(…) or defineSink(…) gives, or a pipeline with such a destination.',
    { path },
  )
}

function isDeclaration(value: unknown): value is DestinationDeclaration {
  return typeof value === 'object' && value !== null && ('type' in value || 'name' in value)
}

/** The configuration as a destination sees it: its settings in code come first. */
export function configurationOf({ name, settings }: DestinationReference, configuration: Configuration): Configuration {
  return settings === undefined
    ? configuration
    : configuration.behind(`destination ${name} in code`, { destination: { [name]: settings } })
}
