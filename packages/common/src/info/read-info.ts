import type { JobFolder } from '../storage/load-package.ts'
import type { ContractViolation } from './contract-violation.ts'
import { jobMetricsOf, type LoadMetrics } from './load-metrics.ts'
import { sumMetrics, type ExtractMetrics, type PackageMetrics, type WriterMetrics } from './package-metrics.ts'
import { emptyJobs, type JobInfo, type PackageInfo, type PackageStateName, type TableUpdate } from './package-info.ts'
import { ExtractInfo, LoadInfo, NormalizeInfo, type RowsByPath, type StepInfo, type StepInfoData } from './step-info.ts'

/*
 * Infos out of the form that `toJSON` gives them, as a trace keeps it. Times of metrics are those of the step, which is
 * all that the form says of them.
 */

type Dict = Readonly<Record<string, unknown>>

/** The info of a step. @throws {TypeError} the document is none */
export function readStepInfo(step: 'extract' | 'normalize' | 'load', dict: Dict): StepInfo {
  const common = readCommon(dict)
  if (step === 'extract') {
    const given = dicts(dict, 'extract_data_info').map((item) => ({
      name: text(item, 'name'),
      dataType: text(item, 'data_type'),
    }))
    return new ExtractInfo({ ...common, metrics: readExtractMetrics(dict, common), extractDataInfo: given })
  }
  if (step === 'normalize') {
    const contractViolations = dicts(dict, 'contract_violations') as unknown as ContractViolation[]
    // A trace of an earlier version has none.
    const rowsByPath = (dict['rows_by_path'] ?? { fast: 0, reference: 0 }) as RowsByPath
    return new NormalizeInfo({ ...common, metrics: readNormalizeMetrics(dict, common), contractViolations, rowsByPath })
  }
  const staging = { type: text(dict, 'staging_type'), name: text(dict, 'staging_name') }
  return new LoadInfo({
    ...common,
    metrics: readLoadMetrics(dict, common),
    destinationType: text(dict, 'destination_type'),
    destinationName: text(dict, 'destination_name'),
    destinationFingerprint: text(dict, 'destination_fingerprint'),
    environment: (dict['environment'] ?? null) as string | null,
    ...(staging.name === ''
      ? {}
      : { staging: { ...staging, location: text(dict, 'staging_displayable_credentials') } }),
    datasetName: text(dict, 'dataset_name'),
    location: text(dict, 'destination_displayable_credentials'),
  })
}

function readCommon(dict: Dict): StepInfoData {
  const finished = dict['finished_at']
  return {
    pipelineName: text(dict['pipeline'] as Dict, 'pipeline_name'),
    firstRun: dict['first_run'] === true,
    startedAtMs: date(dict, 'started_at').getTime(),
    finishedAtMs: finished === null ? null : date(dict, 'finished_at').getTime(),
    loadPackages: dicts(dict, 'load_packages').map(readPackage),
  }
}

function readPackage(dict: Dict): PackageInfo {
  const jobs = emptyJobs()
  for (const job of dicts(dict, 'jobs').map(readJob)) jobs[job.state].push(job)
  const tables = dicts(dict, 'tables').map(({ load_id: _load, schema_name: _schema, columns, ...table }) => {
    const own = (columns as Dict[]).map(
      ({ load_id: _ofLoad, schema_name: _ofSchema, table_name: _ofTable, ...column }) =>
        [String(column['name']), column] as const,
    )
    return [String(table['name']), { ...table, columns: Object.fromEntries(own) } as unknown as TableUpdate] as const
  })
  return {
    loadId: text(dict, 'load_id'),
    packagePath: text(dict, 'package_path'),
    state: text(dict, 'state') as PackageStateName,
    schemaName: text(dict, 'schema_name'),
    schemaHash: text(dict, 'schema_hash'),
    schemaUpdate: Object.fromEntries(tables),
    completedAt: dict['completed_at'] === null ? null : date(dict, 'completed_at'),
    jobs,
  }
}

function readJob(dict: Dict): JobInfo {
  return {
    jobId: text(dict, 'job_id'),
    tableName: text(dict, 'table_name'),
    fileId: text(dict, 'file_id'),
    retryCount: Number(dict['retry_count']),
    fileFormat: text(dict, 'file_format'),
    state: text(dict, 'state') as JobFolder,
    filePath: text(dict, 'file_path'),
    fileSize: Number(dict['file_size']),
    createdAt: date(dict, 'created_at'),
    elapsed: Number(dict['elapsed']),
    failedMessage: (dict['failed_message'] ?? null) as string | null,
  }
}

function readExtractMetrics(dict: Dict, common: StepInfoData): Record<string, ExtractMetrics[]> {
  const metrics: Record<string, ExtractMetrics[]> = {}
  for (const { loadId } of common.loadPackages) {
    const ofIndex = (key: string, index: number): Dict[] =>
      dicts(dict, key).filter((row) => row['load_id'] === loadId && row['extract_idx'] === index)
    const list: ExtractMetrics[] = []
    for (let index = 0; ofIndex('job_metrics', index).length > 0 || index === 0; index++) {
      const jobs = ofIndex('job_metrics', index)
      list.push({
        ...times(common),
        schemaName: jobs[0] === undefined ? '' : text(jobs[0], 'schema_name'),
        ...writtenJobs(jobs),
        resourceMetrics: Object.fromEntries(ofIndex('resource_metrics', index).map(readWriter('resource_name'))),
      })
    }
    metrics[loadId] = list
  }
  return metrics
}

function readNormalizeMetrics(dict: Dict, common: StepInfoData): Record<string, PackageMetrics[]> {
  const ofLoad = (loadId: string): PackageMetrics => {
    const jobs = dicts(dict, 'job_metrics').filter((row) => row['load_id'] === loadId)
    return { ...times(common), ...writtenJobs(jobs) }
  }
  return Object.fromEntries(common.loadPackages.map(({ loadId }) => [loadId, [ofLoad(loadId)]]))
}

function writtenJobs(rows: readonly Dict[]): Pick<PackageMetrics, 'jobMetrics' | 'tableMetrics'> {
  const jobs = rows.map(readWriter('job_id'))
  return {
    jobMetrics: Object.fromEntries(jobs),
    tableMetrics: sumMetrics(jobs.map(([id, one]) => [id.split('.')[0] as string, one])),
  }
}

function readWriter(key: string): (row: Dict) => [string, WriterMetrics] {
  return (row) => [
    text(row, key),
    {
      filePath: text(row, 'file_path'),
      rows: Number(row['items_count']),
      bytes: Number(row['file_size']),
      files: Number(row['files_count'] ?? 1),
      created: Number(row['created']),
      lastModified: Number(row['last_modified']),
    },
  ]
}

function readLoadMetrics(dict: Dict, common: StepInfoData): Record<string, LoadMetrics[]> {
  const ofLoad = (loadId: string): LoadMetrics => {
    const rows = dicts(dict, 'job_metrics').filter((row) => row['load_id'] === loadId)
    const jobs = rows.map((row) => [text(row, 'job_id'), jobMetricsOf(row)] as const)
    return { ...times(common), datasetName: text(dict, 'dataset_name'), jobMetrics: Object.fromEntries(jobs) }
  }
  return Object.fromEntries(common.loadPackages.map(({ loadId }) => [loadId, [ofLoad(loadId)]]))
}

function times({ startedAtMs, finishedAtMs }: StepInfoData): { startedAt: Date; finishedAt: Date } {
  return { startedAt: new Date(startedAtMs), finishedAt: new Date(finishedAtMs ?? startedAtMs) }
}

function text(dict: Dict, key: string): string {
  const value = dict[key]
  return typeof value === 'string' ? value : ''
}

function date(dict: Dict, key: string): Date {
  const value = new Date(dict[key] as string)
  if (Number.isNaN(value.getTime())) throw new TypeError(`"${key}" is no time`)
  return value
}

function dicts(dict: Dict, key: string): Dict[] {
  const value = dict[key] ?? []
  if (!Array.isArray(value)) throw new TypeError(`"${key}" is no list`)
  return value as Dict[]
}
