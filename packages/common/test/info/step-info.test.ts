import { describe, expect, it } from 'vitest'
import { DestinationHasFailedJobs, LoadPackageInfo } from '../../src/index.ts'
import { job, loadInfo, package_ } from './support.ts'

const aborted = package_({
  state: 'aborted',
  jobs: {
    new_jobs: [],
    started_jobs: [],
    failed_jobs: [job('failed_jobs', { failedMessage: 'no such type' })],
    completed_jobs: [],
  },
})

describe('the text of a load info', () => {
  it('is that of dlt', () => {
    expect(String(loadInfo())).toBe(
      [
        'Pipeline demo load step completed in 0.13 seconds',
        '1 load package(s) were loaded to destination duckdb and into dataset demo_data',
        'The duckdb destination used duckdb:////srv/demo.duckdb location to store data',
        'Load package 1795290022.8484793 is LOADED and contains no failed jobs',
      ].join('\n'),
    )
  })

  it('has no duration and no dataset where nothing was loaded', () => {
    expect(String(loadInfo({ loadPackages: [], location: '---' }))).toBe(
      [
        'Pipeline demo load step completed in ---',
        '0 load package(s) were loaded to destination duckdb and into dataset None',
        'The duckdb destination used --- location to store data',
      ].join('\n'),
    )
  })

  it('has no duration where a package was begun and is not finished', () => {
    const info = loadInfo({
      finishedAtMs: null,
      loadPackages: [package_({ state: 'normalized', completedAt: null })],
    })
    expect(String(info)).toContain('load step completed in ---\n')
    expect(String(info)).toContain(
      'Load package 1795290022.8484793 is NORMALIZED and NOT YET LOADED to the destination and contains no failed jobs',
    )
    expect(info.finishedAt).toBeNull()
  })

  it('says where data was staged', () => {
    const staging = { type: 'dlt.destinations.filesystem', name: 'filesystem', location: 's3://bucket' }
    expect(String(loadInfo({ staging })).split('\n')[2]).toBe(
      'The filesystem staging destination used s3://bucket location to stage data',
    )
  })

  it('names failed jobs from verbosity 1 on, and all jobs from 2 on', () => {
    const info = loadInfo({ loadPackages: [aborted] })
    const summary = 'Load package 1795290022.8484793 is ABORTED and contains 1 FAILED job(s)!'
    expect(info.asText(0).endsWith(summary)).toBe(true)
    expect(String(info).endsWith(`${summary}\n\t[users.0000000001.parquet]: no such type\n`)).toBe(true)
    const details = info.asText(2).split('Package details:\n')[1]
    expect(details).toBe(String(new LoadPackageInfo(aborted)))
  })
})

describe('a package', () => {
  it('as text is a sentence and a line for each job', () => {
    expect(String(new LoadPackageInfo(package_()))).toBe(
      [
        'Package 1795290022.8484793 of schema demo is LOADED. It changed the schema of 1 table(s) and was completed at 2026-11-21T19:40:23.000Z.',
        'Jobs details:',
        '  Job users.0000000001.parquet, table users, in completed_jobs. File type: parquet, size: 1.8K. Started at 2026-11-21T19:40:22.900Z, took 0.10 seconds.',
      ].join('\n'),
    )
    expect(String(new LoadPackageInfo(aborted))).toContain('\n    FAILED TERMINALLY: no such type')
  })

  it('as a row has lists of jobs, tables and columns, each with what it belongs to', () => {
    const row = JSON.parse(JSON.stringify(new LoadPackageInfo(package_()))) as Record<string, unknown>
    const place = { load_id: '1795290022.8484793', schema_name: 'demo' }
    expect(row).toMatchObject({
      state: 'loaded',
      completed_at: '2026-11-21T19:40:23.000Z',
      jobs: [{ ...place, job_id: 'users.0000000001.parquet', state: 'completed_jobs', retry_count: 0 }],
    })
    expect(row['tables']).toEqual([
      {
        ...place,
        name: 'users',
        write_disposition: 'append',
        columns: [{ ...place, table_name: 'users', name: 'id', data_type: 'bigint', nullable: true }],
      },
    ])
  })
})

describe('failed jobs', () => {
  it('are raised on request, with the package and what was said', () => {
    const info = loadInfo({ loadPackages: [package_(), aborted] })
    expect(info.hasFailedJobs).toBe(true)
    expect(() => info.raiseOnFailedJobs()).toThrow(DestinationHasFailedJobs)
    expect(() => info.raiseOnFailedJobs()).toThrow(/users\.0000000001\.parquet: no such type/)
  })

  it('are not raised where there are none', () => {
    expect(loadInfo().hasFailedJobs).toBe(false)
    loadInfo().raiseOnFailedJobs()
  })
})

it("a load info as a row has dlt's columns", () => {
  const row = loadInfo().asDict()
  expect(Object.keys(row).toSorted()).toEqual([
    'dataset_name',
    'destination_displayable_credentials',
    'destination_fingerprint',
    'destination_name',
    'destination_type',
    'environment',
    'finished_at',
    'first_run',
    'job_metrics',
    'load_packages',
    'loads_ids',
    'pipeline',
    'staging_displayable_credentials',
    'staging_name',
    'staging_type',
    'started_at',
  ])
  expect(row['job_metrics']).toEqual([
    {
      load_id: '1795290022.8484793',
      job_id: 'users.0000000001.parquet',
      file_path: '/srv/users.parquet',
      table_name: 'users',
      started_at: new Date(1_795_290_022_870),
      finished_at: null,
      state: 'completed',
      remote_url: null,
      retry_count: 0,
      followup_jobs: ['users.0000000002.sql'],
    },
  ])
})
