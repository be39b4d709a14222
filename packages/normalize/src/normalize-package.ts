import { randomInt } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  addRows,
  noRows,
  stringifySchema,
  TerminalError,
  verifyManifest,
  type Capabilities,
  type ContractViolation,
  type Job,
  type LoadPackage,
  type Manifest,
  type ManifestFile,
  type RowIds,
  type RowsByPath,
  type Schema,
  type StageContext,
} from '@gantry/common'
import { mergeViolations } from './contract-report.ts'
import type { OutputOptions } from './output-options.ts'
import { PackageSchema } from './merge-deltas.ts'
import { planWork, type PlannedRange, type RangeSizes } from './plan.ts'
import { openMainThread, openPool, type RangeRunner } from './pool.ts'
import type { RangeResult, RangeTask } from './range-messages.ts'
import { rewriteAsDouble } from './writers/parquet/rewrite-as-double.ts'

/** What normalizing a package gave. */
export interface NormalizedFiles {
  readonly package: PackageSchema
  /** In the order of the ranges they came from. */
  readonly files: readonly ManifestFile[]
  /** What contracts kept out. */
  readonly violations: readonly ContractViolation[]
  /** Ranges that were read twice, because earlier ones contradicted them. */
  readonly redone: number
  readonly rowsByPath: RowsByPath
}

/** A file whose format this stage does not read. */
export class UnsupportedExtractedFormat extends TerminalError {
  override readonly code = 'unsupported_extracted_format'
}

export interface NormalizePackageOptions {
  readonly schema: Schema
  readonly capabilities: Capabilities
  readonly output?: OutputOptions
  readonly workers?: number | undefined
  /** Sizes of the ranges that workers get; small ones let a small file be shared by many. */
  readonly ranges?: RangeSizes
  /** Ids of root rows; only with one worker. */
  readonly rootIds?: RowIds
  /** Bytes read at once, where one worker reads. */
  readonly chunkBytes?: number
  /** False: every row takes the reference path, which is slower and gives the same. */
  readonly fastPath?: boolean
  /** Unix time against which the detection `timestamp` measures. */
  readonly startedAtSeconds: number
}

/** File ids of one reading of a range; far more than a range has tables. A range is read at most twice. */
const fileIdsPerReading = 1 << 20

/**
 * Turns the extracted files of a package into load files in `target`.
 *
 * Ranges are given to the workers in their order and merged in their order; see {@link PackageSchema}.
 */
export async function normalizePackage(
  source: LoadPackage,
  target: LoadPackage,
  options: NormalizePackageOptions,
  context: Pick<StageContext, 'signal' | 'progress'>,
): Promise<NormalizedFiles> {
  const manifest = await source.manifest()
  const jobs = await source.jobs('new_jobs')
  for (const job of jobs) checkFormat(job)
  const ordered =
    manifest === undefined
      ? jobs
      : inOrderOf(
          manifest.files.map((file) => file.job_id),
          jobs,
        )
  const { workers, ranges } = await planWork(ordered, manifest, options.workers, options.ranges)
  const totalBytes = ranges.reduce((sum, range) => sum + range.bytes, 0)
  let bytes = 0
  let rows = 0
  const hooks = {
    signal: context.signal,
    onProgress: (moreBytes: number, moreRows: number): void => {
      bytes += moreBytes
      rows += moreRows
      context.progress.update('normalize', {
        name: 'read',
        unit: 'bytes',
        done: Math.min(bytes, totalBytes),
        total: totalBytes,
      })
      context.progress.update('normalize', { name: 'written', unit: 'rows', done: rows })
    },
    ...(options.rootIds === undefined ? {} : { rootIds: options.rootIds }),
    ...(options.chunkBytes === undefined ? {} : { chunkBytes: options.chunkBytes }),
  }
  await using runner = workers === 1 ? await openMainThread(hooks) : await openPool(workers, hooks)
  const onFiles = (done: number): void => context.progress.update('normalize', { name: 'files', unit: 'files', done })
  const work = new OrderedWork(ranges, source, target, options, runner).run(workers, onFiles)
  return manifest === undefined ? await work : await proved(work, manifest, jobs, ranges, context.signal)
}

/**
 * What the work comes to, once its input has proved to be what was extracted. Where it is not, that is the error, whatever
 * came of the work. Files that are one range are proved by whoever reads them.
 */
async function proved<Result>(
  work: Promise<Result>,
  manifest: Manifest,
  jobs: readonly Job[],
  ranges: readonly PlannedRange[],
  signal: AbortSignal,
): Promise<Result> {
  const files = new Map(jobs.map((job) => [job.id, job.path]))
  const read = new Set(ranges.filter(({ expected }) => expected !== undefined).map(({ path }) => path))
  const [proof, worked] = await Promise.allSettled([verifyManifest(manifest, files, read), work])
  if (proof.status === 'rejected') throw proof.reason
  if (worked.status === 'fulfilled') return worked.value
  // They were not read to their end.
  if (!signal.aborted) await verifyManifest(manifest, files)
  throw worked.reason
}

/** Ranges under way: at most two per worker, so that nobody waits and little has to be redone. */
class OrderedWork {
  readonly #ranges: readonly PlannedRange[]
  readonly #source: LoadPackage
  readonly #target: LoadPackage
  readonly #options: NormalizePackageOptions
  readonly #runner: RangeRunner
  readonly #package: PackageSchema
  readonly #files: ManifestFile[] = []
  /** By job id; see {@link RangeResult.integerColumns}. */
  readonly #integerColumns = new Map<string, readonly string[]>()
  /** Random, so that packages do not share file ids; in the lower half, so that there are always more. */
  readonly #firstFileId = randomInt(2 ** 39)
  #violations: readonly ContractViolation[] = []
  #redone = 0
  #rowsByPath = noRows

  constructor(
    ranges: readonly PlannedRange[],
    source: LoadPackage,
    target: LoadPackage,
    options: NormalizePackageOptions,
    runner: RangeRunner,
  ) {
    this.#ranges = ranges
    this.#source = source
    this.#target = target
    this.#options = options
    this.#runner = runner
    this.#package = new PackageSchema(options.schema)
  }

  /** @param onFiles  gets the number of load files so far */
  async run(workers: number, onFiles: (done: number) => void): Promise<NormalizedFiles> {
    const waiting: { readonly base: Schema; readonly result: Promise<RangeResult> }[] = []
    let next = 0
    try {
      for (let merged = 0; merged < this.#ranges.length; merged++) {
        // The first range runs alone and seeds the schema.
        const ahead = merged === 0 ? 1 : workers === 1 ? 1 : workers * 2
        while (next < this.#ranges.length && next < merged + ahead) waiting.push(this.#start(next++, 0))
        const { base, result } = waiting.shift()!
        await this.#merge(merged, base, await result)
        onFiles(this.#files.length)
      }
    } finally {
      // Others may still write into the folder; whoever comes after must find nobody there.
      await Promise.allSettled(waiting.map(({ result }) => result))
    }
    const files = this.#files.map((file) => this.#widened(file))
    return {
      package: this.#package,
      files,
      violations: this.#violations,
      redone: this.#redone,
      rowsByPath: this.#rowsByPath,
    }
  }

  async #merge(at: number, base: Schema, first: RangeResult): Promise<void> {
    let result = first
    if (this.#package.contradicts(result, base)) {
      this.#redone++
      for (const file of result.files) await rm(this.#target.newJobPath(fileNameOf(file)))
      result = await this.#start(at, 1).result
    }
    this.#package.merge(result)
    this.#files.push(...result.files)
    this.#rowsByPath = addRows(this.#rowsByPath, result.rows)
    this.#violations = mergeViolations(this.#violations, result.violations)
    for (const [job, columns] of Object.entries(result.integerColumns)) this.#integerColumns.set(job, columns)
  }

  /** Integers of a file whose column a later range, or a later file of the same one, has widened become doubles too. */
  #widened(file: ManifestFile): ManifestFile {
    const columns = this.#package.schema.tables.get(file.table)?.columns
    const names = this.#integerColumns.get(file.job_id)?.filter((name) => columns?.get(name)?.data_type === 'double')
    if (names === undefined || names.length === 0) return file
    return { ...file, ...rewriteAsDouble(this.#target.newJobPath(fileNameOf(file)), new Set(names)) }
  }

  #start(at: number, reading: 0 | 1): { readonly base: Schema; readonly result: Promise<RangeResult> } {
    const base = this.#package.schema
    const { bytes: _, ...range } = this.#ranges[at]!
    const task: RangeTask = {
      ...range,
      loadId: this.#source.loadId,
      outputDir: join(this.#target.dir, 'new_jobs'),
      firstFileId: this.#firstFileId + (at * 2 + reading) * fileIdsPerReading,
      schemaText: stringifySchema(base),
      packageColumns: this.#package.packageColumns(),
      newTables: this.#package.newTables(),
      capabilities: this.#options.capabilities,
      output: this.#options.output ?? {},
      startedAtSeconds: this.#options.startedAtSeconds,
      fastPath: this.#options.fastPath ?? true,
    }
    const result = this.#runner.run(task)
    result.catch(() => undefined)
    return { base, result }
  }
}

function fileNameOf(file: ManifestFile): string {
  const [table, fileId, ...rest] = file.job_id.split('.')
  return `${table}.${fileId}.0.${rest.join('.')}`
}

function checkFormat(job: Job): void {
  const { format } = job.name
  if (format === 'ndjson' || format === 'typed-jsonl') return
  throw new UnsupportedExtractedFormat(
    `${job.path} has format ${format}, which normalize does not read. Remove the package.`,
    {
      path: job.path,
    },
  )
}

function inOrderOf(ids: readonly string[], jobs: readonly Job[]): Job[] {
  const byId = new Map(jobs.map((job) => [job.id, job]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}
