import { completeColumns, step, type Job, type TerminalError } from '@gantry/common'
import type { PackageUnit } from '../destinations/destination.ts'
import { DestinationConnectionError, isPassing, isRefusal, LoadJobFailed } from '../errors.ts'
import type { JobKeeper } from '../job-keeper.ts'
import { chainJob } from '../chain-job.ts'
import { isStaged, type ChainLoad, type StagedChainLoad, type TableLoad } from '../plan-package.ts'
import { tableNames } from './catalog.ts'
import type { ChainTable } from './chain/chain.ts'
import { chainOf } from './chain-load.ts'
import type { SqlConnection } from './engine.ts'
import { qualifiedName } from './identifier.ts'
import type { LoadPlace } from './load-place.ts'
import { limitOf, type Limit } from '../limit.ts'
import { createStaging, dropStaging, stagingName } from './staging.ts'
import { startTable } from './start-table.ts'
import { completionJob, stagingJob } from './system-statements.ts'

/*
 * A package table chain by table chain: files side by side, each in a transaction with its line in the ledger, and what
 * ends a chain in one more. What the ledger has is not done again, whoever did it and however that ended.
 */

/** Where a package is loaded, and how more connections to it are made. */
export interface ChainPlace extends Omit<LoadPlace, 'connection'> {
  /** Whose staging tables they are. */
  readonly pipelineName: string
  connect(): Promise<SqlConnection>
  /** Connections at a time. */
  readonly workers: number
}

/** @throws {LoadJobFailed} @throws {LoadClientJobRetry} */
export async function loadByChain(unit: PackageUnit, keeper: JobKeeper, place: ChainPlace): Promise<void> {
  const loader = new ChainLoader(unit, keeper, place)
  try {
    await loader.run()
  } finally {
    await loader.close()
  }
}

class ChainLoader {
  readonly #unit: PackageUnit
  readonly #keeper: JobKeeper
  readonly #place: ChainPlace
  readonly #limit: Limit
  readonly #idle: SqlConnection[] = []
  /** The first error that ends the package; nothing begins after it. */
  #failure: unknown
  /** Jobs that the ledger has. */
  readonly #done = new Set<string>()

  constructor(unit: PackageUnit, keeper: JobKeeper, place: ChainPlace) {
    this.#unit = unit
    this.#keeper = keeper
    this.#place = place
    this.#limit = limitOf(place.workers)
  }

  async run(): Promise<void> {
    const { statements } = this.#place
    const { loadId, chains, state, insertedAt } = this.#unit
    await this.#with(async (connection) => {
      for (const [id] of await connection.query(statements.findJobs(loadId))) this.#done.add(String(id))
    })
    // One connection alone sees its temporary tables, so chains must not take turns on it.
    if (this.#place.workers === 1) for (const chain of chains) await this.#chain(chain)
    else await Promise.all(chains.map((chain) => this.#chain(chain)))
    if (this.#failure !== undefined) {
      if (this.#failure instanceof LoadJobFailed) await this.#dropStaging()
      throw this.#failure
    }
    this.#keeper.signal.throwIfAborted()
    const loads: TableLoad[] = []
    for (const load of state) loads.push(await startTable(load, this.#keeper))
    await this.#with((connection) =>
      connection.transaction('recording a load', async () => {
        const claimed = await connection.query(
          statements.claim(loadId, completionJob, statements.names.loads, insertedAt),
        )
        if (claimed.length === 0) return
        for (const load of loads) {
          for (const job of load.jobs) await this.#claimed(connection, load, job, this.#name(load))
        }
        await connection.run(statements.insertLoad(loadId, insertedAt))
        step('load:commit')
      }),
    )
    for (const { jobs } of state) for (const job of jobs) await this.#keeper.completed(job)
  }

  /** A load that is given up needs its staging tables no more. */
  async #dropStaging(): Promise<void> {
    if (this.#place.dialect.staging !== 'dataset') return
    await this.#with(async (connection) => {
      for (const chain of this.#unit.chains.filter(isStaged)) {
        for (const table of chainOf(chain, this.#unit, this.#place).tables) await this.#dropTable(connection, table)
      }
    })
  }

  /** Drops a staging table, and what the ledger says of whose it is. */
  async #dropTable(connection: SqlConnection, table: ChainTable): Promise<void> {
    const { dialect, statements } = this.#place
    const { loadId } = this.#unit
    await connection.run(dropStaging(table))
    await connection.run(statements.forget(loadId, stagingName(table.table.name, loadId, dialect)))
  }

  async close(): Promise<void> {
    for (const connection of this.#idle.splice(0)) await connection[Symbol.asyncDispose]()
  }

  async #chain(chain: ChainLoad): Promise<void> {
    if (this.#isStopped) return
    await this.#guard(async () => {
      if (chain.strategy === 'append') await this.#jobs(chain, (load) => this.#name(load))
      else if (chain.strategy === 'truncate-and-insert') await this.#replace(chain)
      else if (isStaged(chain)) await this.#staged(chain)
    })
  }

  /** Nothing begins after an error, but what is under way comes to its end. */
  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#failure ??= error
    }
  }

  /** All files of a chain, side by side. */
  async #jobs(chain: ChainLoad, into: (load: TableLoad) => string): Promise<void> {
    const jobs = chain.tables.flatMap((load) => load.jobs.map((job) => ({ load, job })))
    await Promise.all(
      jobs.map(({ load, job }) => this.#limit(() => this.#guard(() => this.#job(load, job, into(load))))),
    )
  }

  async #job(load: TableLoad, job: Job, into: string): Promise<void> {
    if (this.#done.has(job.id)) return this.#keeper.completed(job)
    while (!this.#isStopped) {
      const started = await this.#keeper.started(job)
      try {
        await this.#transaction('loading a file', async (connection) => {
          await this.#claimed(connection, load, started, into)
          step('load:job')
        })
        step('load:job-committed')
        await this.#keeper.completed(job)
        return
      } catch (error) {
        if (!isRefusal(error)) {
          if (this.#isStopped || !isPassing(error)) throw error
          await this.#keeper.retry(job, error as Error)
          continue
        }
        await this.#refuse(job, error)
        return
      }
    }
  }

  /** Fails a job. @throws {LoadJobFailed} the package does not go on without it */
  async #refuse(job: Job, cause: Error): Promise<void> {
    const failed = await this.#keeper.failed(job, cause)
    if (this.#keeper.settings.raiseOnFailedJobs) throw failed
  }

  /** Takes the rows out that are there, and brings the new ones in, in one transaction. */
  async #replace(chain: ChainLoad): Promise<void> {
    await this.#atOnce(chain, async (connection, loads, reach) => {
      for (const load of loads) await connection.run(this.#place.dialect.truncate(this.#name(load)))
      for (const load of loads) {
        for (const job of load.jobs) await this.#claimed(connection, load, reach(job), this.#name(load))
      }
    })
  }

  async #staged(chain: StagedChainLoad): Promise<void> {
    if (this.#done.has(this.#jobOf(chain))) return this.#complete(chain)
    if (this.#place.dialect.staging === 'temporary') return this.#stagedAtOnce(chain)
    const { tables, sql } = chainOf(chain, this.#unit, this.#place)
    await this.#limit(() => this.#makeStaging(chain, tables))
    step('load:staged')
    const staging = new Map(chain.tables.map(({ table }, at) => [table.name, tables[at]?.staging as string]))
    await this.#jobs(chain, (load) => staging.get(load.table.name) as string)
    if (this.#isStopped) return
    const refusal = await this.#ending(chain, async (connection) => {
      for (const statement of [...sql.prepare, ...sql.apply, ...sql.cleanUp]) await connection.run(statement)
      for (const table of tables) await this.#dropTable(connection, table)
    })
    // Rows that do not get any further are not loaded, whichever files they came in.
    if (refusal !== undefined)
      for (const { jobs } of chain.tables) for (const job of jobs) await this.#refuse(job, refusal)
  }

  /** Makes the staging tables that are not there, and forgets that files had been loaded into them. */
  async #makeStaging(chain: StagedChainLoad, tables: readonly ChainTable[]): Promise<void> {
    const { dialect, stagingDataset, statements, pipelineName } = this.#place
    const { loadId, insertedAt } = this.#unit
    await this.#transaction('making staging tables', async (connection) => {
      const there = new Set(await tableNames(connection, stagingDataset, dialect))
      for (const table of tables) {
        const name = stagingName(table.table.name, loadId, dialect)
        if (there.has(name)) continue
        await connection.run(createStaging(table, chain.strategy, dialect))
        await connection.query(statements.claim(loadId, stagingJob(pipelineName, name), name, insertedAt))
        await connection.run(statements.forget(loadId, table.table.name))
        const load = chain.tables.find((other) => other.table === table.table)
        for (const job of load?.jobs ?? []) this.#done.delete(job.id)
      }
      step('load:staging')
    })
  }

  /** Staging tables that are gone with the connection: files and what ends the chain share one transaction. */
  async #stagedAtOnce(chain: StagedChainLoad): Promise<void> {
    const { dialect } = this.#place
    const { tables, sql } = chainOf(chain, this.#unit, this.#place)
    await this.#with(async (connection) => {
      for (const table of tables) await connection.run(createStaging(table, chain.strategy, dialect))
    })
    await this.#atOnce(chain, async (connection, loads, reach) => {
      for (const [at, load] of loads.entries()) {
        const { staging } = tables[at] as ChainTable
        for (const job of load.jobs) await this.#claimed(connection, load, reach(job), staging)
      }
      reach(undefined)
      for (const statement of [...sql.prepare, ...sql.apply]) await connection.run(statement)
    })
    await this.#with(async (connection) => {
      for (const statement of sql.cleanUp) await connection.run(statement)
      for (const table of tables) await connection.run(dropStaging(table))
    })
  }

  /**
   * Files of a chain and what ends it in one transaction. Where failed jobs are tolerated, it is done again without each
   * file that is refused.
   *
   * @param work  tells which job it is at, so that an error can be laid at its door
   */
  async #atOnce(
    chain: ChainLoad,
    work: (
      connection: SqlConnection,
      loads: readonly TableLoad[],
      reach: <At extends Job | undefined>(job: At) => At,
    ) => Promise<void>,
  ): Promise<void> {
    let loads: readonly TableLoad[] = chain.tables
    while (loads.some(({ jobs }) => jobs.length > 0)) {
      const started: TableLoad[] = []
      for (const load of loads) started.push(await startTable(load, this.#keeper))
      let reached: Job | undefined
      const reach = <At extends Job | undefined>(job: At): At => {
        reached = job
        return job
      }
      const refusal = await this.#ending(chain, (connection) => work(connection, started, reach))
      if (refusal === undefined) {
        for (const { jobs } of loads) for (const job of jobs) await this.#keeper.completed(job)
        return
      }
      const refused = reached?.id
      const isRefused = (job: Job): boolean => refused === undefined || job.id === refused
      for (const { jobs } of loads) for (const job of jobs.filter(isRefused)) await this.#refuse(job, refusal)
      loads = loads.map(({ table, jobs }) => ({ table, jobs: jobs.filter((job) => !isRefused(job)) }))
    }
  }

  /** What ends a chain, once; tried again as a job is. @returns why it cannot be done, where that is so */
  async #ending(
    chain: ChainLoad,
    work: (connection: SqlConnection) => Promise<void>,
  ): Promise<TerminalError | undefined> {
    const { statements } = this.#place
    const { loadId, insertedAt } = this.#unit
    const claim = statements.claim(loadId, this.#jobOf(chain), chain.root.name, insertedAt)
    const job = chain.tables.flatMap(({ jobs }) => jobs)[0] as Job
    for (let attempts = 1; ; attempts++) {
      try {
        await this.#limit(() =>
          this.#transaction(`writing the tables of "${chain.root.name}"`, async (connection) => {
            if ((await connection.query(claim)).length > 0) await work(connection)
            step('load:chain')
          }),
        )
        step('load:chain-committed')
        return undefined
      } catch (error) {
        if (isRefusal(error)) return error
        if (this.#isStopped || !isPassing(error)) throw error
        await this.#keeper.pause(attempts, job, error as Error)
      }
    }
  }

  async #complete(chain: ChainLoad): Promise<void> {
    for (const { jobs } of chain.tables) for (const job of jobs) await this.#keeper.completed(job)
  }

  async #transaction(doing: string, work: (connection: SqlConnection) => Promise<void>): Promise<void> {
    this.#keeper.signal.throwIfAborted()
    return this.#with((connection) => connection.transaction(doing, () => work(connection)))
  }

  /** Takes the job and brings in its file; nothing where it was taken before. */
  async #claimed(connection: SqlConnection, load: TableLoad, job: Job, into: string): Promise<void> {
    const { statements } = this.#place
    const { loadId, insertedAt } = this.#unit
    const known = this.#unit.rowsOf(job)
    const claim = statements.claim(loadId, job.id, load.table.name, insertedAt, known)
    if ((await connection.query(claim)).length === 0) return
    const rows = await this.#copy(connection, load, job, into)
    if (known === undefined) await connection.run(statements.setRows(loadId, job.id, rows))
  }

  #copy(connection: SqlConnection, { table }: TableLoad, job: Job, into: string): Promise<number> {
    return connection.copy({ table, columns: completeColumns(table), jobs: [job], into })
  }

  /** An idle connection, or a new one; one that is lost is not used again. */
  async #with<Result>(work: (connection: SqlConnection) => Promise<Result>): Promise<Result> {
    const connection = this.#idle.pop() ?? (await this.#place.connect())
    try {
      const result = await work(connection)
      this.#idle.push(connection)
      return result
    } catch (error) {
      this.#idle.push(connection)
      // Those that are idle have lost theirs as well where the server has gone down.
      if (error instanceof DestinationConnectionError) await this.close()
      throw error
    }
  }

  get #isStopped(): boolean {
    return this.#failure !== undefined || this.#keeper.signal.aborted
  }

  #jobOf(chain: ChainLoad): string {
    return chainJob(this.#unit.loadId, chain.root.name)
  }

  #name({ table }: TableLoad): string {
    return qualifiedName(this.#place.dataset, table.name, this.#place.dialect)
  }
}
