import { InvalidUsage } from '../config/config-errors.ts'
import type { ConfigSpec, NoConfig, Resolved } from '../config/config-value.ts'
import { parallelismStrategies, type Capabilities, type ParallelismStrategy } from './capabilities.ts'
import { sinkType, type SinkDeclaration, type SinkFunction, type SinkRow } from './sink.ts'

/** Options of every sink (dlt `dlt/destinations/decorators.py`, `destination`). */
interface CommonSinkOptions<Spec extends ConfigSpec> {
  /** Names the sink in messages, infos and the pipeline's state, and its settings: `destination.<name>.…`. */
  readonly name: string
  /**
   * How tables and columns are called where no convention is configured: a built-in one, or a module of one's own.
   * Default: `direct`, names as they are in the data, and `▶` between the parts of a nested one.
   */
  readonly namingConvention?: string
  /**
   * Levels of nested objects and lists that become columns and tables of their own, from 0, whatever sources say; what a
   * resource says of itself wins. Default: 0, they stay in the row.
   */
  readonly maxTableNesting?: number
  /** Columns and tables of dlt's own, `_dlt…`, are kept from the function. Default: true. */
  readonly skipDltColumnsAndTables?: boolean
  /** Files at a time, from 1; 0: as many as `load.workers`. Default: 0. */
  readonly maxParallelLoadJobs?: number
  /** Which files may be at work at the same time. `load.parallelism_strategy` wins. Default: `parallel`. */
  readonly loaderParallelismStrategy?: ParallelismStrategy
  /**
   * What the function needs from the configuration: values declared by `config.value()` and `secrets.value()`, and plain
   * ones, which are defaults. They are looked for under `destination.<name>`, `destination` and by themselves when there
   * is a package to load, and arrive as `config` in the context.
   */
  readonly config?: Spec
}

/** Options of a sink that takes rows. */
export interface RowSinkOptions<Spec extends ConfigSpec = ConfigSpec> extends CommonSinkOptions<Spec> {
  /** Rows of a call, from 1; the last one of a file may have fewer. Default: 10. */
  readonly batchSize?: number
  /** `typed-jsonl` is dlt's JSON lines, which keep types; `jsonl` means the same here. Default: `typed-jsonl`. */
  readonly loaderFileFormat?: 'typed-jsonl' | 'jsonl'
}

/** Options of a sink that takes whole files. */
export interface FileSinkOptions<Spec extends ConfigSpec = ConfigSpec> extends CommonSinkOptions<Spec> {
  readonly batchSize: 0
  /** As of a sink that takes rows, or `parquet`. Default: `typed-jsonl`. */
  readonly loaderFileFormat?: 'typed-jsonl' | 'jsonl' | 'parquet'
}

/**
 * Declares a destination that is made of a function, which gets the rows of a load in batches, or its files. Extract and
 * normalize only ask what it takes; the function is called by load alone, with batches of one file one after the other,
 * and of several files at a time.
 *
 * How far each file is, is kept in the package after every call, so that a later attempt goes on there, be it in another
 * process. Where a process is killed in a call, that batch comes once more: at least once for it, once for all others.
 *
 * Write dispositions only inform, as part of the table. There is no dataset, no state and no schema to be read back.
 *
 * @throws {InvalidUsage} an option that cannot be
 */
export function defineSink<Spec extends ConfigSpec = NoConfig>(
  options: FileSinkOptions<Spec>,
  fn: SinkFunction<string, Resolved<Spec>>,
): SinkDeclaration
export function defineSink<Spec extends ConfigSpec = NoConfig>(
  options: RowSinkOptions<Spec>,
  fn: SinkFunction<SinkRow[], Resolved<Spec>>,
): SinkDeclaration
export function defineSink(options: RowSinkOptions | FileSinkOptions, fn: SinkFunction<never, never>): SinkDeclaration {
  checkOptions(options, fn)
  const { name, batchSize = 10, skipDltColumnsAndTables = true, config = {} } = options
  const sink = { capabilities: sinkCapabilities(options), batchSize, skipDltColumnsAndTables, config }
  return { type: sinkType, name, sink: { ...sink, fn: fn as SinkFunction<SinkRow[] | string> } }
}

/** dlt `dlt/destinations/impl/destination/factory.py` */
function sinkCapabilities(options: RowSinkOptions | FileSinkOptions): Capabilities {
  const { name, namingConvention = 'direct', maxTableNesting = 0, maxParallelLoadJobs = 0 } = options
  const { loaderParallelismStrategy } = options
  return {
    destination: name,
    destinationType: `dlt.destinations.${sinkType}`,
    preferredFormat: options.loaderFileFormat === 'parquet' ? 'parquet' : 'typed-jsonl',
    supportedFormats: options.batchSize === 0 ? ['typed-jsonl', 'parquet'] : ['typed-jsonl'],
    hasDataset: false,
    namingConvention,
    maxTableNesting,
    ...(maxParallelLoadJobs === 0 ? {} : { maxParallelLoadJobs }),
    ...(loaderParallelismStrategy === undefined ? {} : { loaderParallelismStrategy }),
    maxIdentifierLength: 65_536,
    hasCaseSensitiveIdentifiers: true,
    identifierFold: 'none',
    decimalPrecision: [38, 9],
    weiPrecision: [78, 0],
    timestampPrecision: { standard: 6, max: 6 },
    mergeStrategies: [],
    replaceStrategies: [],
  }
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
const isName = (value: unknown): boolean => typeof value === 'string' && value.trim() !== ''

/** What each option takes; those that are undefined have their defaults. */
const checks: Readonly<Record<keyof RowSinkOptions, readonly [check: (value: unknown) => boolean, takes: string]>> = {
  name: [isName, 'text that is not empty'],
  batchSize: [isCount, 'a whole number from 0'],
  loaderFileFormat: [isOneOf('typed-jsonl', 'jsonl', 'parquet'), 'typed-jsonl, jsonl or parquet'],
  namingConvention: [isName, 'the name of a convention, or the path of a module'],
  maxTableNesting: [isCount, 'a whole number from 0'],
  skipDltColumnsAndTables: [isOneOf(true, false), 'true or false'],
  maxParallelLoadJobs: [isCount, 'a whole number from 0'],
  loaderParallelismStrategy: [isOneOf(...parallelismStrategies), parallelismStrategies.join(', ')],
  config: [(value) => typeof value === 'object' && value !== null, 'an object'],
}

function isOneOf(...known: readonly unknown[]): (value: unknown) => boolean {
  return (value) => known.includes(value)
}

function checkOptions(options: RowSinkOptions | FileSinkOptions, fn: unknown): void {
  const given: Readonly<Record<string, unknown>> = { ...options }
  if (!isName(given['name'])) throw new InvalidUsage('A sink needs a "name".')
  const name = String(given['name'])
  for (const [option, value] of Object.entries(given)) {
    const check = Object.hasOwn(checks, option) ? checks[option as keyof typeof checks] : undefined
    if (check === undefined) {
      throw new InvalidUsage(`Sink "${name}" has no option "${option}". There are: ${Object.keys(checks).join(', ')}.`)
    }
    if (value === undefined || check[0](value)) continue
    throw new InvalidUsage(`"${option}" of sink "${name}" takes ${check[1]}, not ${JSON.stringify(value)}.`, { option })
  }
  if (given['loaderFileFormat'] === 'parquet' && given['batchSize'] !== 0) {
    throw new InvalidUsage(
      `Sink "${name}" cannot have the rows of Parquet files: take whole files by batchSize: 0, or rows of typed-jsonl.`,
      { option: 'loaderFileFormat' },
    )
  }
  if (typeof fn !== 'function') throw new InvalidUsage(`Sink "${name}" needs a function that takes the rows.`)
}
