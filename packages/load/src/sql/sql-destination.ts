import { capabilitiesOf, type Capabilities, type Schema } from '@gantry/common'
import type {
  Destination,
  MigrationPlan,
  MigrationUnit,
  OpenDestination,
  PackageUnit,
  ReadOptions,
  Row,
  StoredSchemas,
  StoredState,
} from '../destinations/destination.ts'
import { UnknownTable } from '../errors.ts'
import type { JobKeeper } from '../job-keeper.ts'
import { hasDataset, readCatalog, tableNames } from './catalog.ts'
import type { SqlConnection, SqlEngine } from './engine.ts'
import { Foreseen } from './foreseen.ts'
import { qualifiedName } from './identifier.ts'
import { loadAsPackage } from './load-as-package.ts'
import { loadByChain } from './load-by-chain.ts'
import { loadLock, type LoadPlace } from './load-place.ts'
import { migrate, readMigration } from './migrate.ts'
import { Stored } from './stored.ts'
import { sweepStaging } from './sweep-staging.ts'
import { SystemStatements } from './system-statements.ts'

/** A destination in SQL: one dataset of an engine. */
export async function sqlDestination(engine: SqlEngine, options: OpenDestination): Promise<Destination> {
  try {
    return new SqlDestination(engine, options, await engine.connect())
  } catch (error) {
    await engine[Symbol.asyncDispose]()
    throw error
  }
}

class SqlDestination implements Destination {
  readonly datasetName: string
  readonly #stagingDataset: string
  readonly #engine: SqlEngine
  readonly #pipelineName: string
  /** For everything that comes one after the other. */
  readonly #connection: SqlConnection
  #stored: Stored | undefined

  constructor(
    engine: SqlEngine,
    { datasetName, stagingDatasetName, pipelineName }: OpenDestination,
    connection: SqlConnection,
  ) {
    this.#engine = engine
    this.#pipelineName = pipelineName
    this.datasetName = datasetName
    this.#stagingDataset = stagingDatasetName
    this.#connection = connection
  }

  get name(): string {
    return this.#engine.name
  }

  get capabilities(): Capabilities {
    return capabilitiesOf(this.#engine.name)
  }

  get location(): string {
    return this.#engine.location
  }

  lockLoad(loadId: string): Promise<AsyncDisposable> {
    return this.#engine.lock(loadLock(this.datasetName, loadId))
  }

  async hasLoad(loadId: string, schema: Schema): Promise<boolean> {
    const statements = this.#statements(schema)
    if (!(await this.tableNames()).includes(statements.names.loads)) return false
    return (await this.#connection.query(statements.findLoad(loadId))).length > 0
  }

  async planMigrations(units: readonly MigrationUnit[]): Promise<readonly MigrationPlan[]> {
    const foreseen = new Foreseen()
    const plans: MigrationPlan[] = []
    for (const unit of units) {
      const place = this.#place(unit.schema)
      const plan = await readMigration(unit, place, foreseen)
      foreseen.add(unit, plan, place.statements.names.ledger)
      plans.push(plan)
    }
    return plans
  }

  async migrate(unit: MigrationUnit): Promise<MigrationPlan> {
    await using _lock = await this.#engine.lock(this.datasetName)
    this.#stored = undefined
    return await migrate(unit, this.#place(unit.schema))
  }

  async load(unit: PackageUnit, keeper: JobKeeper): Promise<void> {
    const place = this.#place(unit.schema)
    const { raiseOnFailedJobs, workers } = keeper.settings
    if (this.#engine.commits === 'package' && raiseOnFailedJobs) return loadAsPackage(unit, keeper, place)
    const isOne = this.#engine.commits === 'package'
    return loadByChain(unit, keeper, {
      ...place,
      pipelineName: this.#pipelineName,
      connect: () => this.#engine.connect(),
      workers: isOne ? 1 : workers,
    })
  }

  sweep(schema: Schema, pending: readonly string[]): Promise<readonly string[]> {
    return sweepStaging(this.#pipelineName, pending, this.#place(schema), (name) => this.#engine.lock(name))
  }

  interrupt(): Promise<void> {
    return this.#engine.interrupt()
  }

  hasDataset(): Promise<boolean> {
    return hasDataset(this.#connection, this.datasetName, this.#engine.dialect)
  }

  storedState(pipelineName: string, naming?: string): Promise<StoredState | undefined> {
    return this.#openStored().state(pipelineName, naming)
  }

  storedSchemas(names: readonly string[], naming?: string): Promise<StoredSchemas> {
    return this.#openStored().schemas(names, naming)
  }

  tableNames(): Promise<readonly string[]> {
    return tableNames(this.#connection, this.datasetName, this.#engine.dialect)
  }

  async *rows(table: string, options?: ReadOptions): AsyncGenerator<Row> {
    const catalog = await readCatalog(this.#connection, this.datasetName, [table], this.#engine.dialect)
    const columns = catalog.get(table)
    if (columns === undefined) throw await this.#unknown(table)
    yield* this.#connection.rows(qualifiedName(this.datasetName, table, this.#engine.dialect), columns, options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]()
    await this.#engine[Symbol.asyncDispose]()
  }

  async #unknown(table: string): Promise<UnknownTable> {
    const names = await this.tableNames()
    const list =
      names.length === 0
        ? `There is no dataset "${this.datasetName}" at ${this.location}.`
        : `Its tables: ${names.join(', ')}.`
    return new UnknownTable(`Dataset "${this.datasetName}" has no table "${table}". ${list}`, {
      table,
      dataset: this.datasetName,
    })
  }

  #openStored(): Stored {
    this.#stored ??= new Stored(this.#connection, this.datasetName, this.#engine.dialect)
    return this.#stored
  }

  #place(schema: Schema): LoadPlace {
    return {
      connection: this.#connection,
      dataset: this.datasetName,
      stagingDataset: this.#stagingDataset,
      dialect: this.#engine.dialect,
      statements: this.#statements(schema),
    }
  }

  #statements(schema: Schema): SystemStatements {
    return new SystemStatements(schema, this.datasetName, this.#engine.dialect)
  }
}
