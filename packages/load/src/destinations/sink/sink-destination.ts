import {
  DatasetNotAvailable,
  resolveConfig,
  type Capabilities,
  type Sink,
  type SinkContext,
  type TerminalError,
} from '@gantry/common'
import type { JobKeeper } from '../../job-keeper.ts'
import type {
  Destination,
  MigrationPlan,
  MigrationUnit,
  OpenDestination,
  PackageUnit,
  Row,
  StoredSchemas,
} from '../destination.ts'
import { loadIntoSink } from './load-into-sink.ts'

/**
 * A sink, ready to be called where it is opened to load.
 *
 * @throws {ConfigFieldMissing} its function needs a setting that is nowhere
 */
export async function openSink(options: OpenDestination): Promise<Destination> {
  const { reference, configuration, access } = options
  const { name } = reference
  const sink = reference.sink as Sink
  const place = { sections: ['destination', name] }
  const config = access === 'load' ? resolveConfig(sink.config, place, `Sink "${name}"`, configuration) : {}
  return new SinkDestination(sink, options, config)
}

/** What a destination is where there are neither tables nor anything to be asked back. */
class SinkDestination implements Destination {
  readonly name: string
  readonly datasetName: string
  readonly #sink: Sink
  readonly #config: SinkContext['config']
  readonly #pipelineName: string

  constructor(sink: Sink, { reference, datasetName, pipelineName }: OpenDestination, config: SinkContext['config']) {
    this.name = reference.name
    this.datasetName = datasetName
    this.#sink = sink
    this.#config = config
    this.#pipelineName = pipelineName
  }

  get capabilities(): Capabilities {
    return this.#sink.capabilities
  }

  get location(): string {
    return `sink:${this.name}`
  }

  /** The working folder is locked, and nobody else can have its packages. */
  lockLoad(): Promise<AsyncDisposable> {
    return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() })
  }

  /** Only the package itself knows. */
  hasLoad(): Promise<boolean> {
    return Promise.resolve(false)
  }

  planMigrations(units: readonly MigrationUnit[]): Promise<readonly MigrationPlan[]> {
    return Promise.resolve(units.map(() => nothingToMigrate))
  }

  migrate(): Promise<MigrationPlan> {
    return Promise.resolve(nothingToMigrate)
  }

  load(unit: PackageUnit, keeper: JobKeeper): Promise<void> {
    return loadIntoSink(unit, keeper, this.#sink, { config: this.#config, signal: keeper.signal })
  }

  sweep(): Promise<readonly string[]> {
    return Promise.resolve([])
  }

  /** A function can only be asked, which its signal has done. */
  interrupt(): Promise<void> {
    return Promise.resolve()
  }

  hasDataset(): Promise<boolean> {
    return Promise.resolve(false)
  }

  storedState(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  storedSchemas(): Promise<StoredSchemas> {
    return Promise.resolve(new Map())
  }

  tableNames(): Promise<readonly string[]> {
    return Promise.reject(this.#noDataset())
  }

  rows(): AsyncIterable<Row> {
    throw this.#noDataset()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve()
  }

  #noDataset(): TerminalError {
    return new DatasetNotAvailable(this.#pipelineName, this.name)
  }
}

const nothingToMigrate: MigrationPlan = {
  statements: [],
  records: [],
  afterwards: [],
  changes: new Map(),
  relaxed: [],
}
