import { completeColumns, step, type Job } from '@gantry/common'
import type { PackageUnit } from '../destinations/destination.ts'
import { isPassing, isRefusal, type LoadJobFailed } from '../errors.ts'
import type { JobKeeper } from '../job-keeper.ts'
import { chainJob } from '../chain-job.ts'
import { isStaged, type ChainLoad, type TableLoad } from '../plan-package.ts'
import type { ChainTable } from './chain/chain.ts'
import { chainOf, type PreparedChain } from './chain-load.ts'
import { qualifiedName } from './identifier.ts'
import type { LoadPlace } from './load-place.ts'
import { createStaging, dropStaging } from './staging.ts'
import { startTable } from './start-table.ts'
import { completionJob } from './system-statements.ts'

/*
 * A package in one transaction on one connection: readers see all of it or nothing. What changes tables themselves comes
 * first, then rows come into staging tables, then into tables; DuckDB asks for that order.
 */

/**
 * Loads the package, or nothing of it. An error that may pass has it tried again as a whole.
 *
 * @throws {LoadJobFailed} @throws {LoadClientJobRetry}
 */
export async function loadAsPackage(unit: PackageUnit, keeper: JobKeeper, place: LoadPlace): Promise<void> {
  for (;;) {
    const attempt = new Attempt(await startAll(unit, keeper), place, keeper.signal)
    try {
      await attempt.run()
      break
    } catch (error) {
      if (!(error instanceof JobError)) throw error
      const { job, cause } = error
      keeper.signal.throwIfAborted()
      if (isRefusal(cause)) {
        throw await refuse(unit, keeper, (await attempt.findRefused(error)) ?? job, cause)
      }
      if (!isPassing(cause)) throw cause
      // The others wait with it: nothing of the package is done.
      await keeper.retry(job, cause)
    }
  }
  for (const job of jobsOf(unit)) await keeper.completed(job)
}

/** What a job failed with; tells the loop above which job it was. */
class JobError extends Error {
  readonly job: Job
  readonly load: TableLoad
  override readonly cause: Error

  constructor(load: TableLoad, job: Job, cause: Error) {
    super(cause.message)
    this.load = load
    this.job = job
    this.cause = cause
  }
}

class Attempt {
  readonly #unit: PackageUnit
  readonly #place: LoadPlace
  readonly #chains: readonly PreparedChain[]
  /** Aborted: no further statement begins. */
  readonly #signal: AbortSignal

  constructor(unit: PackageUnit, place: LoadPlace, signal: AbortSignal) {
    this.#signal = signal
    this.#unit = unit
    this.#place = place
    this.#chains = unit.chains.filter(isStaged).map((chain) => chainOf(chain, unit, place))
  }

  async run(): Promise<void> {
    const { connection, statements } = this.#place
    const { loadId, insertedAt } = this.#unit
    const staged = this.#chains.flatMap(({ chain, tables }) => tables.map((table) => ({ chain, table })))
    const direct = this.#unit.chains.filter((chain) => !isStaged(chain))
    try {
      for (const { chain, table } of staged) {
        await connection.run(createStaging(table, chain.strategy, this.#place.dialect))
      }
      await connection.transaction('loading a package', async () => {
        for (const { load, table } of this.#stagedLoads()) await this.#copy(load, table.staging)
        for (const { chain, sql } of this.#chains) await this.#runFor(chain, sql.prepare)
        for (const chain of direct) await this.#empty(chain)
        for (const load of direct.flatMap(({ tables }) => tables)) await this.#copy(load, this.#name(load))
        for (const chain of this.#chains) await this.#apply(chain)
        for (const load of this.#unit.state) await this.#copy(load, this.#name(load))
        this.#signal.throwIfAborted()
        await connection.query(statements.claim(loadId, completionJob, statements.names.loads, insertedAt))
        await connection.run(statements.insertLoad(loadId, insertedAt))
        step('load:commit')
      })
    } finally {
      await this.#cleanUp()
    }
  }

  /** Which of a table's files is refused on its own; undefined where none is. Leaves nothing behind. */
  async findRefused({ load }: JobError): Promise<Job | undefined> {
    if (load.jobs.length === 1) return load.jobs[0]
    const { connection } = this.#place
    let refused: Job | undefined
    const undo = new Error('nothing of this is kept')
    for (const job of load.jobs) {
      if (refused !== undefined) break
      await connection
        .transaction('looking for the file that is refused', async () => {
          try {
            await this.#copyFiles({ ...load, jobs: [job] }, this.#name(load))
          } catch {
            refused = job
          }
          throw undo
        })
        .catch(() => undefined)
    }
    return refused
  }

  *#stagedLoads(): Generator<{ load: TableLoad; table: ChainTable }> {
    for (const { chain, tables } of this.#chains) {
      for (const [at, load] of chain.tables.entries()) yield { load, table: tables[at] as ChainTable }
    }
  }

  async #empty({ strategy, tables }: ChainLoad): Promise<void> {
    if (strategy !== 'truncate-and-insert') return
    const { connection, dialect } = this.#place
    for (const load of tables) await connection.run(dialect.truncate(this.#name(load)))
  }

  async #apply({ chain, sql }: PreparedChain): Promise<void> {
    const { connection, statements } = this.#place
    const { loadId, insertedAt } = this.#unit
    await this.#runFor(chain, sql.apply)
    await connection.query(statements.claim(loadId, chainJob(loadId, chain.root.name), chain.root.name, insertedAt))
  }

  /** Statements on rows of a chain: what they fail with is the fault of its files. */
  async #runFor({ tables }: ChainLoad, statements: readonly string[]): Promise<void> {
    try {
      for (const statement of statements) {
        this.#signal.throwIfAborted()
        await this.#place.connection.run(statement)
      }
    } catch (cause) {
      const load = tables.find(({ jobs }) => jobs.length > 0) as TableLoad
      throw new JobError(load, load.jobs[0] as Job, cause as Error)
    }
  }

  /** Brings in a table's files and writes them down in the ledger. */
  async #copy(load: TableLoad, into: string): Promise<void> {
    const { connection, statements } = this.#place
    const { loadId, insertedAt } = this.#unit
    // All at once where the package says how many rows each has; else one by one, so that they can be counted.
    const isKnown = load.jobs.every((job) => this.#unit.rowsOf(job) !== undefined)
    const groups = isKnown ? [load.jobs] : load.jobs.map((job) => [job])
    for (const jobs of groups) {
      const [first] = jobs
      if (first === undefined) continue
      this.#signal.throwIfAborted()
      try {
        const rows = await this.#copyFiles({ ...load, jobs }, into)
        for (const job of jobs) {
          const known = this.#unit.rowsOf(job) ?? rows
          await connection.query(statements.claim(loadId, job.id, load.table.name, insertedAt, known))
        }
      } catch (cause) {
        throw new JobError(load, first, cause as Error)
      }
    }
  }

  #copyFiles({ table, jobs }: TableLoad, into: string): Promise<number> {
    return this.#place.connection.copy({ table, columns: completeColumns(table), jobs, into })
  }

  async #cleanUp(): Promise<void> {
    const { connection } = this.#place
    for (const { sql, tables } of this.#chains) {
      for (const statement of [...sql.cleanUp, ...tables.map(dropStaging)]) {
        await connection.run(statement).catch(() => undefined)
      }
    }
  }

  #name({ table }: TableLoad): string {
    return qualifiedName(this.#place.dataset, table.name, this.#place.dialect)
  }
}

/** Fails one job; those beside it go back. */
async function refuse(unit: PackageUnit, keeper: JobKeeper, job: Job, cause: Error): Promise<LoadJobFailed> {
  const failed = await keeper.failed(job, cause)
  for (const other of jobsOf(unit)) if (other.id !== job.id) await keeper.returned(other)
  return failed
}

function jobsOf(unit: PackageUnit): Job[] {
  return [...unit.chains.flatMap(({ tables }) => tables), ...unit.state].flatMap(({ jobs }) => jobs)
}

/** The unit with its files where a started job's are. */
async function startAll(unit: PackageUnit, keeper: JobKeeper): Promise<PackageUnit> {
  const start = async (loads: readonly TableLoad[]): Promise<TableLoad[]> => {
    const started: TableLoad[] = []
    for (const load of loads) started.push(await startTable(load, keeper))
    return started
  }
  const chains: ChainLoad[] = []
  for (const chain of unit.chains) chains.push({ ...chain, tables: await start(chain.tables) })
  return { ...unit, chains, state: await start(unit.state) }
}
