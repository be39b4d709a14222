import { loadJobRows, type LoadMetrics } from './load-metrics.ts'
import { writerRows, type ExtractMetrics, type PackageMetrics } from './package-metrics.ts'
import { LoadPackageInfo, type PackageInfo } from './package-info.ts'
import { violationText, type ContractViolation } from './contract-violation.ts'
import { durationText } from './duration.ts'
import { DestinationHasFailedJobs } from './failed-jobs.ts'

/*
 * What the steps report. `data` crosses processes; the classes around it are what users see. Names are dlt's
 * (`dlt/common/pipeline.py`) in camelCase, those of the dictionary forms are dlt's.
 */

/** What the infos of all steps have. Times in milliseconds since 1970. */
export interface StepInfoData {
  readonly pipelineName: string
  /** No package of this pipeline had been loaded when the step began. */
  readonly firstRun: boolean
  readonly startedAtMs: number
  /** Null where a package was begun and is not finished. */
  readonly finishedAtMs: number | null
  readonly loadPackages: readonly PackageInfo[]
}

/** Something that was given to extract. */
export interface ExtractDataInfo {
  /** Empty for bare rows. */
  readonly name: string
  /** `Array`, `AsyncGenerator`, `file`, … */
  readonly dataType: string
}

export interface ExtractInfoData extends StepInfoData {
  /** By load id: the user's data, then the pipeline's state where it has changed. */
  readonly metrics: Readonly<Record<string, readonly ExtractMetrics[]>>
  readonly extractDataInfo: readonly ExtractDataInfo[]
}

export interface NormalizeInfoData extends StepInfoData {
  /** What was written, by load id. */
  readonly metrics: Readonly<Record<string, readonly PackageMetrics[]>>
  /** What schema contracts kept out, in the order in which it came up. */
  readonly contractViolations: readonly ContractViolation[]
  readonly rowsByPath: RowsByPath
}

/** Root rows by the path that they took through normalize. */
export interface RowsByPath {
  /** Read as bytes: each value was already what its column holds. */
  readonly fast: number
  /** Read value by value. */
  readonly reference: number
}

export const noRows: RowsByPath = { fast: 0, reference: 0 }

export function addRows(a: RowsByPath, b: RowsByPath): RowsByPath {
  return { fast: a.fast + b.fast, reference: a.reference + b.reference }
}

/** A place where data waits on its way to the destination. */
export interface StagingInfo {
  readonly type: string
  readonly name: string
  /** Without secrets. */
  readonly location: string
}

export interface LoadInfoData extends StepInfoData {
  readonly metrics: Readonly<Record<string, readonly LoadMetrics[]>>
  /** dlt's full reference. */
  readonly destinationType: string
  readonly destinationName: string
  /** Tells one account or server from another without naming it; empty for local files. */
  readonly destinationFingerprint?: string
  readonly environment?: string | null
  readonly staging?: StagingInfo
  /** Empty where there is none. */
  readonly datasetName: string
  /** Where the data went, without secrets. */
  readonly location: string
}

/** How much a text says: 0 the summary, 1 failed jobs too, 2 all jobs too. */
export type Verbosity = 0 | 1 | 2

/** The common part of what a step reports; `data` is what crosses processes. */
export abstract class StepInfo<Data extends StepInfoData = StepInfoData> {
  readonly data: Data
  readonly loadPackages: readonly LoadPackageInfo[]

  constructor(data: Data) {
    this.data = data
    this.loadPackages = data.loadPackages.map((info) => new LoadPackageInfo(info))
  }

  get pipelineName(): string {
    return this.data.pipelineName
  }

  get loadsIds(): readonly string[] {
    return this.data.loadPackages.map((info) => info.loadId)
  }

  /** True where there was nothing to do. */
  get isEmpty(): boolean {
    return this.data.loadPackages.length === 0
  }

  /** True where no package of this pipeline had been loaded before. */
  get firstRun(): boolean {
    return this.data.firstRun
  }

  get startedAt(): Date {
    return new Date(this.data.startedAtMs)
  }

  /** Null where a package was begun and is not finished. */
  get finishedAt(): Date | null {
    return this.data.finishedAtMs === null ? null : new Date(this.data.finishedAtMs)
  }

  /** What a person reads. */
  abstract asText(verbosity?: Verbosity): string

  abstract toString(): string

  /** The info in dlt's spelling, as a row that can be loaded: `run([info.asDict()], { tableName: '_load_info' })`. */
  asDict(): Record<string, unknown> {
    return {
      pipeline: { pipeline_name: this.pipelineName },
      loads_ids: this.loadsIds,
      load_packages: this.loadPackages.map((info) => info.asDict()),
      first_run: this.firstRun,
      started_at: this.startedAt,
      finished_at: this.finishedAt,
    }
  }

  /** What `--json` prints. */
  toJSON(): Record<string, unknown> {
    return this.asDict()
  }

  /** Lines for the packages. */
  protected packageLines(verbosity: Verbosity): string[] {
    const lines: string[] = []
    for (const info of this.loadPackages) {
      const failed = info.jobs.failed_jobs
      lines.push(
        `Load package ${info.loadId} is ${info.state.toUpperCase()}` +
          `${info.completedAt === null ? ' and NOT YET LOADED to the destination' : ''} ` +
          `and contains ${failed.length === 0 ? 'no failed jobs' : `${failed.length} FAILED job(s)!`}`,
      )
      if (verbosity >= 1) for (const job of failed) lines.push(`\t[${job.jobId}]: ${job.failedMessage ?? ''}`, '')
      if (verbosity >= 2) lines.push('Package details:', String(info))
    }
    return lines
  }
}

/** What extract committed. `String(info)` has a line for each package. */
export class ExtractInfo extends StepInfo<ExtractInfoData> {
  /** What was written, by load id: the user's data, then the pipeline's state where it has changed. */
  get metrics(): Readonly<Record<string, readonly ExtractMetrics[]>> {
    return this.data.metrics
  }

  /** What extract was given. */
  get extractDataInfo(): readonly ExtractDataInfo[] {
    return this.data.extractDataInfo
  }

  /** Rows of the user's data by table; a file that is copied raw counts its lines that are not blank. */
  get rowCounts(): Readonly<Record<string, number>> {
    return rowsByTable(Object.values(this.metrics).map(([data]) => data))
  }

  override asDict(): Record<string, unknown> {
    const rows = Object.entries(this.metrics).flatMap(([loadId, ofPackage]) =>
      ofPackage.map((metrics, index) => {
        const extra = { load_id: loadId, extract_idx: index, schema_name: metrics.schemaName }
        return {
          jobs: writerRows(metrics.jobMetrics, 'job_id', extra),
          tables: writerRows(metrics.tableMetrics, 'table_name', extra),
          resources: writerRows(metrics.resourceMetrics, 'resource_name', extra),
        }
      }),
    )
    return {
      ...super.asDict(),
      job_metrics: rows.flatMap(({ jobs }) => jobs),
      table_metrics: rows.flatMap(({ tables }) => tables),
      resource_metrics: rows.flatMap(({ resources }) => resources),
    }
  }

  override toJSON(): Record<string, unknown> {
    const dataInfo = this.extractDataInfo.map(({ name, dataType }) => ({ name, data_type: dataType }))
    return { ...this.asDict(), extract_data_info: dataInfo, row_counts: this.rowCounts }
  }

  override asText(verbosity: Verbosity = 0): string {
    return this.isEmpty ? 'No data found to extract' : this.packageLines(verbosity).join('\n')
  }

  override toString(): string {
    return this.asText()
  }
}

/** What normalize committed. `String(info)` lists tables with their rows, then packages. */
export class NormalizeInfo extends StepInfo<NormalizeInfoData> {
  /** What was written, by load id; one entry each. */
  get metrics(): Readonly<Record<string, readonly PackageMetrics[]>> {
    return this.data.metrics
  }

  /** Rows by table, nested ones included: the sum over all packages. */
  get rowCounts(): Readonly<Record<string, number>> {
    return rowsByTable(Object.values(this.metrics).flat())
  }

  /** What schema contracts kept out. */
  get contractViolations(): readonly ContractViolation[] {
    return this.data.contractViolations
  }

  /** Root rows by the path that they took. */
  get rowsByPath(): RowsByPath {
    return this.data.rowsByPath
  }

  override asDict(): Record<string, unknown> {
    const all = Object.entries(this.metrics).flatMap(([loadId, ofPackage]) =>
      ofPackage.map((metrics) => ({ metrics, extra: { load_id: loadId } })),
    )
    return {
      ...super.asDict(),
      job_metrics: all.flatMap(({ metrics, extra }) => writerRows(metrics.jobMetrics, 'job_id', extra)),
      table_metrics: all.flatMap(({ metrics, extra }) => writerRows(metrics.tableMetrics, 'table_name', extra)),
      contract_violations: this.contractViolations,
      rows_by_path: this.rowsByPath,
    }
  }

  override toJSON(): Record<string, unknown> {
    return { ...this.asDict(), row_counts: this.rowCounts }
  }

  override asText(verbosity: Verbosity = 0): string {
    if (this.isEmpty) return 'No data found to normalize'
    const tables = Object.entries(this.rowCounts).map(([table, rows]) => `- ${table}: ${rows} row(s)`)
    const violations = this.contractViolations.map(violationText)
    return [
      'Normalized data for the following tables:',
      ...tables,
      ...(violations.length === 0 ? [] : ['Kept out by schema contracts:', ...violations.map((text) => `- ${text}`)]),
      ...this.packageLines(verbosity),
    ].join('\n')
  }

  override toString(): string {
    return this.asText()
  }
}

/** What load brought to the destination. `String(info)` says it in the words of dlt's load info. */
export class LoadInfo extends StepInfo<LoadInfoData> {
  /** What became of the jobs, by load id; one entry each. */
  get metrics(): Readonly<Record<string, readonly LoadMetrics[]>> {
    return this.data.metrics
  }

  /** Empty where the destination has none. */
  get datasetName(): string {
    return this.data.datasetName
  }

  get destinationName(): string {
    return this.data.destinationName
  }

  /** dlt's full reference, such as `dlt.destinations.duckdb`. */
  get destinationType(): string {
    return this.data.destinationType
  }

  /** Where the data went, without secrets. */
  get destinationDisplayableCredentials(): string {
    return this.data.location
  }

  /** Tells one account or server from another without naming it; empty for local files. */
  get destinationFingerprint(): string {
    return this.data.destinationFingerprint ?? ''
  }

  get hasFailedJobs(): boolean {
    return this.loadPackages.some((info) => info.jobs.failed_jobs.length > 0)
  }

  /** @throws {DestinationHasFailedJobs} for the first package that has any */
  raiseOnFailedJobs(): void {
    for (const { loadId, jobs } of this.loadPackages) {
      if (jobs.failed_jobs.length > 0) {
        throw new DestinationHasFailedJobs(this.destinationName, loadId, jobs.failed_jobs)
      }
    }
  }

  override asDict(): Record<string, unknown> {
    const { staging } = this.data
    return {
      ...super.asDict(),
      job_metrics: Object.entries(this.metrics).flatMap(([loadId, ofPackage]) =>
        ofPackage.flatMap((metrics) => loadJobRows(metrics, loadId)),
      ),
      destination_type: this.destinationType,
      destination_name: this.destinationName,
      destination_displayable_credentials: this.destinationDisplayableCredentials,
      destination_fingerprint: this.destinationFingerprint,
      environment: this.data.environment ?? null,
      staging_type: staging?.type ?? null,
      staging_name: staging?.name ?? null,
      staging_displayable_credentials: staging?.location ?? null,
      dataset_name: this.datasetName || null,
    }
  }

  override toJSON(): Record<string, unknown> {
    return { ...this.asDict(), has_failed_jobs: this.hasFailedJobs }
  }

  override asText(verbosity: Verbosity = 1): string {
    const { pipelineName, startedAtMs, finishedAtMs, staging, location } = this.data
    const packages = this.loadPackages.length
    const isFinished = packages > 0 && finishedAtMs !== null
    const duration = isFinished ? durationText((finishedAtMs - startedAtMs) / 1000) : '---'
    const dataset = packages === 0 || this.datasetName === '' ? 'None' : this.datasetName
    return [
      `Pipeline ${pipelineName} load step completed in ${duration}`,
      `${packages} load package(s) were loaded to destination ${this.destinationName} and into dataset ${dataset}`,
      ...(staging === undefined
        ? []
        : [`The ${staging.name} staging destination used ${staging.location} location to stage data`]),
      `The ${this.destinationName} destination used ${location} location to store data`,
      ...this.packageLines(verbosity),
    ].join('\n')
  }

  override toString(): string {
    return this.asText()
  }
}

function rowsByTable(metrics: readonly (PackageMetrics | undefined)[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const one of metrics) {
    for (const [table, { rows }] of Object.entries(one?.tableMetrics ?? {})) {
      counts.set(table, (counts.get(table) ?? 0) + rows)
    }
  }
  return Object.fromEntries(counts)
}
