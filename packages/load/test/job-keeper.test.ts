import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Job, LoadPackage } from '@gantry/common'
import { JobKeeper } from '../src/job-keeper.ts'
import { makePackage, silentContext } from './support.ts'

let folder: string
let package_: LoadPackage
let job: Job
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-job-keeper-'))
  package_ = await makePackage(folder, '1700000000.5', [], { 't.01.0.jsonl': '{}\n' })
  job = (await package_.jobs('new_jobs'))[0]!
})
afterEach(() => rmSync(folder, { recursive: true }))

const settings = { workers: 1, raiseOnFailedJobs: true, raiseOnMaxRetries: 2, deleteCompletedJobs: false }
const dataset = { hasDataset: true }
const followups = new Map([['t.01.jsonl', ['t.0123456789.sql']]])

it('counts attempts in the name of the file, and gives up after the last one of a run', async () => {
  const keeper = new JobKeeper(package_, 1, followups, settings, silentContext(), dataset)
  const fault = new Error('the server is gone')
  expect((await keeper.started(job)).path).toContain('started_jobs/t.01.0.jsonl')
  await keeper.retry(job, fault)
  expect((await keeper.started(job)).path).toContain('started_jobs/t.01.1.jsonl')
  await expect(keeper.retry(job, fault)).rejects.toThrow(
    'Job t.01.jsonl of package 1700000000.5 has failed 2 times, the last time with:\n  the server is gone\n',
  )
  expect((await package_.jobs('new_jobs')).map(({ fileName }) => fileName)).toEqual(['t.01.2.jsonl'])
  // The next run has as many attempts again.
  const next = new JobKeeper(package_, 1, followups, settings, silentContext(), dataset)
  await next.retry((await package_.jobs('new_jobs'))[0]!, fault)
  expect((await package_.jobs('new_jobs')).map(({ fileName }) => fileName)).toEqual(['t.01.3.jsonl'])
})

it('does not wait for the next attempt when it is stopped', async () => {
  const stop = new AbortController()
  const keeper = new JobKeeper(
    package_,
    1,
    followups,
    { ...settings, raiseOnMaxRetries: 0 },
    silentContext(stop.signal),
    dataset,
  )
  const waiting = keeper.retry(job, new Error('the server is gone'))
  stop.abort()
  await expect(waiting).rejects.toThrow('aborted')
  expect((await package_.jobs('new_jobs')).map(({ fileName }) => fileName)).toEqual(['t.01.1.jsonl'])
})

it('says in a file beside a failed job why it failed', async () => {
  const keeper = new JobKeeper(package_, 1, followups, settings, silentContext(), dataset)
  await keeper.started(job)
  const error = await keeper.failed(job, new Error('300 does not fit'))
  const [failed] = await package_.jobs('failed_jobs')
  expect(await package_.failedMessage(failed!)).toBe(error.message)
  expect(error.message).toContain('300 does not fit')
})

it('knows what became of each job, and when', async () => {
  const keeper = new JobKeeper(package_, 1, followups, { ...settings, raiseOnMaxRetries: 0 }, silentContext(), dataset)
  const noted = (): unknown => keeper.metrics.get(job.id)
  await keeper.started(job)
  expect(noted()).toBeUndefined()
  await keeper.retry(job, new Error('the server is gone'))
  expect(noted()).toMatchObject({ state: 'retry', finishedAt: null, retryCount: 1 })
  await keeper.started(job)
  await keeper.completed(job)
  const { startedAt, finishedAt, ...others } = keeper.metrics.get(job.id)!
  expect(startedAt.getTime()).toBeLessThanOrEqual(finishedAt!.getTime())
  expect(others).toEqual({
    jobId: 't.01.jsonl',
    filePath: join(package_.dir, 'completed_jobs', 't.01.1.jsonl'),
    tableName: 't',
    state: 'completed',
    remoteUrl: null,
    retryCount: 1,
    followupJobs: ['t.0123456789.sql'],
  })
})
