import { LoadInfo, type JobInfo, type LoadInfoData, type PackageInfo } from '../../src/index.ts'

/** A job as it would be in that folder. */
export function job(state: JobInfo['state'], rest: Partial<JobInfo> = {}): JobInfo {
  return {
    jobId: 'users.0000000001.parquet',
    tableName: 'users',
    fileId: '0000000001',
    retryCount: 0,
    fileFormat: 'parquet',
    state,
    filePath: `/srv/demo/load/loaded/1795290022.8484793/${state}/users.0000000001.0.parquet`,
    fileSize: 1843,
    createdAt: new Date(1_795_290_022_900),
    elapsed: 0.1,
    failedMessage: null,
    ...rest,
  }
}

export function package_(rest: Partial<PackageInfo> = {}): PackageInfo {
  return {
    loadId: '1795290022.8484793',
    packagePath: '/srv/demo/load/loaded/1795290022.8484793',
    state: 'loaded',
    schemaName: 'demo',
    schemaHash: 'hash=',
    schemaUpdate: {
      users: {
        name: 'users',
        write_disposition: 'append',
        columns: { id: { name: 'id', data_type: 'bigint', nullable: true } },
      },
    },
    completedAt: new Date(1_795_290_023_000),
    jobs: { new_jobs: [], started_jobs: [], failed_jobs: [], completed_jobs: [job('completed_jobs')] },
    ...rest,
  }
}

export function loadInfo(rest: Partial<LoadInfoData> = {}): LoadInfo {
  const startedAt = new Date(1_795_290_022_870)
  return new LoadInfo({
    pipelineName: 'demo',
    firstRun: true,
    startedAtMs: startedAt.getTime(),
    finishedAtMs: startedAt.getTime() + 130,
    loadPackages: [package_()],
    metrics: {
      '1795290022.8484793': [
        {
          startedAt,
          finishedAt: null,
          datasetName: 'demo_data',
          jobMetrics: {
            'users.0000000001.parquet': {
              jobId: 'users.0000000001.parquet',
              filePath: '/srv/users.parquet',
              tableName: 'users',
              startedAt,
              finishedAt: null,
              state: 'completed',
              remoteUrl: null,
              retryCount: 0,
              followupJobs: ['users.0000000002.sql'],
            },
          },
        },
      ],
    },
    destinationType: 'dlt.destinations.duckdb',
    destinationName: 'duckdb',
    datasetName: 'demo_data',
    location: 'duckdb:////srv/demo.duckdb',
    ...rest,
  })
}
