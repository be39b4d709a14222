import { metricsDict, type PackageMetrics } from './package-metrics.ts'
import { packageDict, packageText, type PackageInfo } from './package-info.ts'
import { violationText, type ContractViolation } from './contract-violation.ts'
import { durationText } from './duration.ts'

/** What the infos of all steps have. Times in milliseconds since 1970. */
export interface StepInfoData {
  readonly pipelineName: string
  readonly startedAtMs: number
  readonly finishedAtMs: number
  readonly loadPackages: readonly PackageInfo[]
}

export interface ExtractInfoData extends StepInfoData {
  /** Rows by table; a file that is copied raw counts its lines that are not blank. */
  readonly rowCounts: Readonly<Record<string, number>>
}

export interface NormalizeInfoData extends StepInfoData {
  /** What was written, by load id. */
  readonly metrics: Readonly<Record<string, PackageMetrics>>
  /** What schema contracts kept out, in the order in which it came up. */
  readonly contractViolations: readonly ContractViolation[]
}

export interface LoadInfoData extends StepInfoData {
  readonly destinationType: string
  readonly destinationName: string
  readonly datasetName: string
  /** Where the data went, without secrets. */
  readonly location: string
}

/** The common part of what a step reports; `data` is what crosses processes. */
abstract class StepInfo<Data extends StepInfoData> {
  readonly data: Data

  constructor(data: Data) {
    this.data = data
  }

  get loadsIds(): readonly string[] {
    return this.data.loadPackages.map((info) => info.loadId)
  }

  get loadPackages(): readonly PackageInfo[] {
    return this.data.loadPackages
  }

  /** True where there was nothing to do. */
  get isEmpty(): boolean {
    return this.data.loadPackages.length === 0
  }

  abstract toString(): string

  /** The info in dlt's spelling. */
  toJSON(): Record<string, unknown> {
    return {
      pipeline: { pipeline_name: this.data.pipelineName },
      loads_ids: this.loadsIds,
      load_packages: this.data.loadPackages.map(packageDict),
      started_at: new Date(this.data.startedAtMs).toISOString(),
      finished_at: new Date(this.data.finishedAtMs).toISOString(),
    }
  }
}

/** What extract committed. `String(info)` lists its packages. */
export class ExtractInfo extends StepInfo<ExtractInfoData> {
  get rowCounts(): Readonly<Record<string, number>> {
    return this.data.rowCounts
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), row_counts: this.rowCounts }
  }

  override toString(): string {
    if (this.isEmpty) return 'No data found to extract'
    return this.data.loadPackages.map(packageText).join('\n')
  }
}

/** What normalize committed. `String(info)` lists tables with their rows, then packages. */
export class NormalizeInfo extends StepInfo<NormalizeInfoData> {
  /** What was written, by load id. */
  get metrics(): Readonly<Record<string, PackageMetrics>> {
    return this.data.metrics
  }

  /** Rows by table, nested ones included: the sum over all packages. */
  get rowCounts(): Readonly<Record<string, number>> {
    const counts = new Map<string, number>()
    for (const { tables } of Object.values(this.metrics)) {
      for (const [table, { rows }] of Object.entries(tables)) counts.set(table, (counts.get(table) ?? 0) + rows)
    }
    return Object.fromEntries(counts)
  }

  /** What schema contracts kept out. */
  get contractViolations(): readonly ContractViolation[] {
    return this.data.contractViolations
  }

  override toJSON(): Record<string, unknown> {
    const metrics = Object.entries(this.metrics).map(([loadId, ofPackage]) => [loadId, [metricsDict(ofPackage)]])
    return {
      ...super.toJSON(),
      row_counts: this.rowCounts,
      metrics: Object.fromEntries(metrics) as Record<string, unknown>,
      contract_violations: this.contractViolations,
    }
  }

  override toString(): string {
    if (this.isEmpty) return 'No data found to normalize'
    const tables = Object.entries(this.rowCounts).map(([table, rows]) => `- ${table}: ${rows} row(s)`)
    const violations = this.contractViolations.map(violationText)
    return [
      'Normalized data for the following tables:',
      ...tables,
      ...(violations.length === 0 ? [] : ['Kept out by schema contracts:', ...violations.map((text) => `- ${text}`)]),
      ...this.data.loadPackages.map(packageText),
    ].join('\n')
  }
}

/** What load brought to the destination. `String(info)` says it in the words of dlt's load info. */
export class LoadInfo extends StepInfo<LoadInfoData> {
  get datasetName(): string {
    return this.data.datasetName
  }

  get destinationName(): string {
    return this.data.destinationName
  }

  get hasFailedJobs(): boolean {
    return this.data.loadPackages.some((info) => info.jobs.some((job) => job.state === 'failed_jobs'))
  }

  override toJSON(): Record<string, unknown> {
    return {
      ...super.toJSON(),
      destination_type: this.data.destinationType,
      destination_name: this.data.destinationName,
      destination_displayable_credentials: this.data.location,
      dataset_name: this.data.datasetName,
      has_failed_jobs: this.hasFailedJobs,
    }
  }

  override toString(): string {
    const { data } = this
    const packages = data.loadPackages.length
    const duration = packages === 0 ? '---' : durationText((data.finishedAtMs - data.startedAtMs) / 1000)
    const lines = [
      `Pipeline ${data.pipelineName} load step completed in ${duration}`,
      `${packages} load package(s) were loaded to destination ${data.destinationName} and into dataset ${packages === 0 ? 'None' : data.datasetName}`,
      `The ${data.destinationName} destination used ${data.location} location to store data`,
    ]
    for (const info of data.loadPackages) {
      const failed = info.jobs.filter((job) => job.state === 'failed_jobs')
      const isLoaded = info.status === 'loaded' || info.status === 'aborted'
      lines.push(
        `Load package ${info.loadId} is ${info.status.toUpperCase()}${isLoaded ? '' : ' and NOT YET LOADED to the destination'} ` +
          `and contains ${failed.length === 0 ? 'no failed jobs' : `${failed.length} FAILED job(s)!`}`,
      )
      for (const job of failed) lines.push(`\t[${job.jobId}]: ${job.failedMessage ?? ''}`, '')
    }
    return lines.join('\n')
  }
}
