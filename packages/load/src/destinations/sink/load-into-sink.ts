import {
  completeColumns,
  namingConvention,
  step,
  systemNames,
  writeDisposition,
  type Job,
  type Sink,
  type SinkContext,
  type SinkRow,
  type Table,
} from '@gantry/common'
import { isPassing, isRefusal } from '../../errors.ts'
import type { JobKeeper } from '../../job-keeper.ts'
import { limitOf, type Limit } from '../../limit.ts'
import type { PackageUnit } from '../destination.ts'
import { readRows, rowForm } from './sink-rows.ts'

/*
 * The files of a package, handed over to the function of a sink (dlt `dlt/destinations/job_impl.py`,
 * `DestinationLoadJob`). How many rows of a file are done stands in the package, noted after each call: a later attempt
 * begins behind them. Batches go across the lines of a file, and no row comes in two of them.
 */

/** @throws {LoadJobFailed} @throws {LoadClientJobRetry} */
export async function loadIntoSink(
  unit: PackageUnit,
  keeper: JobKeeper,
  sink: Sink,
  context: SinkContext,
): Promise<void> {
  await new SinkLoader(unit, keeper, sink, context).run()
}

class SinkLoader {
  readonly #unit: PackageUnit
  readonly #keeper: JobKeeper
  readonly #sink: Sink
  readonly #context: SinkContext
  /** What names of dlt's own tables and columns begin with. */
  readonly #prefix: string
  /** The first error that ends the package; nothing begins after it, and what is under way comes to its end. */
  #failure: unknown

  constructor(unit: PackageUnit, keeper: JobKeeper, sink: Sink, context: SinkContext) {
    this.#unit = unit
    this.#keeper = keeper
    this.#sink = sink
    this.#context = context
    this.#prefix = systemNames(namingConvention(unit.schema.normalizers.names)).prefix
  }

  async run(): Promise<void> {
    const { maxParallelLoadJobs = Infinity, loaderParallelismStrategy = 'parallel' } = this.#sink.capabilities
    const { workers, parallelismStrategy = loaderParallelismStrategy } = this.#keeper.settings
    const together = limitOf(parallelismStrategy === 'sequential' ? 1 : Math.min(workers, maxParallelLoadJobs))
    const loads = [...this.#unit.chains.flatMap(({ tables }) => tables), ...this.#unit.state]
    await Promise.all(
      loads.map(async ({ table, jobs }) => {
        const ofTable: Limit = parallelismStrategy === 'table-sequential' ? limitOf(1) : (work) => work()
        await Promise.all(jobs.map((job) => ofTable(() => together(() => this.#guarded(table, job)))))
      }),
    )
    if (this.#failure !== undefined) throw this.#failure
    this.#keeper.signal.throwIfAborted()
  }

  async #guarded(table: Table, job: Job): Promise<void> {
    try {
      await this.#job(table, job)
    } catch (error) {
      this.#failure ??= error
    }
  }

  async #job(table: Table, job: Job): Promise<void> {
    while (!this.#isStopped) {
      const started = await this.#keeper.started(job)
      try {
        if (!this.#isSkipped(table)) await this.#handOver(table, started)
        await this.#keeper.completed(job)
        return
      } catch (error) {
        // What fails because the load is to stop says nothing of the rows.
        if (this.#keeper.signal.aborted) throw error
        if (isRefusal(error)) {
          const failed = await this.#keeper.failed(job, error)
          if (this.#keeper.settings.raiseOnFailedJobs) throw failed
          return
        }
        if (!isPassing(error)) throw error
        await this.#keeper.retry(job, error instanceof Error ? error : new Error(String(error), { cause: error }))
      }
    }
  }

  async #handOver(table: Table, job: Job): Promise<void> {
    const key = `${job.name.table}.${job.name.fileId}`
    const done = this.#unit.notes.get(key) ?? 0
    const prepared = this.#prepare(table)
    if (this.#sink.batchSize === 0) await this.#wholeFile(prepared, job, key, done)
    else await this.#batches(prepared, job, key, done)
  }

  async #wholeFile(table: Table, job: Job, key: string, done: number): Promise<void> {
    const rows = this.#unit.rowsOf(job)
    if (rows !== undefined && rows > 0 && done >= rows) return
    await this.#call(job.path, table)
    if (rows !== undefined) await this.#note(key, rows)
  }

  async #batches(table: Table, { path }: Job, key: string, done: number): Promise<void> {
    const { batchSize, skipDltColumnsAndTables } = this.#sink
    let rowsDone = done
    const handOver = async (rows: SinkRow[]): Promise<void> => {
      this.#keeper.signal.throwIfAborted()
      // The function may do with the list what it likes.
      const { length } = rows
      await this.#call(rows, table)
      rowsDone += length
      await this.#note(key, rowsDone)
    }
    let batch: SinkRow[] = []
    for await (const row of readRows(path, rowForm(table, skipDltColumnsAndTables ? this.#prefix : undefined), done)) {
      batch.push(row)
      if (batch.length < batchSize) continue
      await handOver(batch)
      batch = []
    }
    if (batch.length > 0) await handOver(batch)
  }

  async #call(items: SinkRow[] | string, table: Table): Promise<void> {
    await this.#sink.fn(items, table, this.#context)
    step('load:batch')
  }

  async #note(key: string, rows: number): Promise<void> {
    await this.#unit.notes.set(key, rows)
    step('load:batch-noted')
  }

  #isSkipped({ name }: Table): boolean {
    return this.#sink.skipDltColumnsAndTables && name.startsWith(this.#prefix)
  }

  /** The table as its rows come: columns that have a type, and the write disposition that it may have from above. */
  #prepare(table: Table): Table {
    const { skipDltColumnsAndTables } = this.#sink
    const columns = completeColumns(table).filter(
      ({ name }) => !(skipDltColumnsAndTables && name.startsWith(this.#prefix)),
    )
    return {
      ...table,
      columns: new Map(columns.map((column) => [column.name, column])),
      hints: { ...table.hints, write_disposition: writeDisposition(this.#unit.schema, table.name) },
    }
  }

  get #isStopped(): boolean {
    return this.#failure !== undefined || this.#keeper.signal.aborted
  }
}
