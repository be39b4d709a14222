import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DestinationHasFailedJobs, LoadInfo, pipeline, PipelineStepFailed, type Pipeline } from 'gantry'
import { query, readDataset } from '../support/duckdb.mjs'
import { root, run, testFolder } from '../support/gantry.mjs'

const guard = join(root, 'test/support/guard.mjs')

let home: string
beforeAll(async () => {
  home = await testFolder('inspect')
  await writeFile(join(home, 'orders.jsonl'), '{"id":1,"items":[{"sku":"tea"},{"sku":"cup"}]}\n{"id":2}\n')
  await writeFile(join(home, 'bad.jsonl'), '{"id":oops}\n')
})
afterAll(() => rm(home, { recursive: true, force: true }))

function open(name: string): Pipeline {
  return pipeline({
    pipelineName: name,
    pipelinesDir: join(home, 'pipelines'),
    datasetName: 'ds',
    destination: { type: 'duckdb', credentials: join(home, `${name}.db`) },
  })
}

const orders = [{ id: 1, items: [{ sku: 'tea' }, { sku: 'cup' }] }, { id: 2 }]

/** A pipeline whose second package is refused by the table. */
async function refused(name: string): Promise<{ pipe: Pipeline; error: PipelineStepFailed }> {
  const pipe = open(name)
  await pipe.run([{ id: 1 }], { tableName: 'small' })
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create(join(home, `${name}.db`))
  const connection = await instance.connect()
  await connection.run('ALTER TABLE ds.small ALTER id TYPE tinyint')
  connection.closeSync()
  instance.closeSync()
  const error: unknown = await pipe.run([{ id: 1000 }], { tableName: 'small' }).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(PipelineStepFailed)
  return { pipe, error: error as PipelineStepFailed }
}

/** A load info as people read it. A trace has the seconds of the step, which began a little before its work. */
function textOf(info: LoadInfo | null | undefined): string {
  return String(info).replace(/ in [\d.]+ seconds/, ' in some seconds')
}

describe('step infos', () => {
  it('have metrics that add up to the files', async () => {
    const pipe = open('metrics')
    const extracted = await pipe.extract(orders, { tableName: (row) => `t_${(row as { id: number }).id}` })
    expect(extracted.firstRun).toBe(true)
    expect(extracted.extractDataInfo).toEqual([{ name: '', dataType: 'Array' }])
    const loadId = extracted.loadsIds[0]!
    const [data, state] = extracted.metrics[loadId]!
    expect(data?.resourceMetrics).toEqual(data?.tableMetrics)
    expect(Object.keys(data!.tableMetrics)).toEqual(['t_1', 't_2'])
    expect(Object.keys(state!.resourceMetrics)).toEqual(['_dlt_pipeline_state'])
    expect(extracted.rowCounts).toEqual({ t_1: 1, t_2: 1 })
    const sizes = extracted.loadPackages[0]!.jobs.new_jobs.reduce((sum, job) => sum + job.fileSize, 0)
    const bytes = [data!, state!]
      .flatMap((one) => Object.values(one.tableMetrics))
      .reduce((sum, one) => sum + one.bytes, 0)
    expect(bytes).toBe(sizes)
    for (const one of Object.values(data!.jobMetrics)) {
      expect(one.bytes).toBe((await stat(one.filePath)).size)
      expect(one.created).toBeLessThanOrEqual(one.lastModified)
      expect(Math.abs(one.lastModified - Date.now() / 1000)).toBeLessThan(60)
    }
    const normalized = await pipe.normalize()
    const [written] = normalized.metrics[loadId]!
    expect(written?.tableMetrics['t_1__items']).toMatchObject({ rows: 2, files: 1, filePath: '' })
    expect(normalized.rowCounts).toEqual({ t_1: 1, t_1__items: 2, t_2: 1, _dlt_pipeline_state: 1 })
    const loaded = await pipe.load()
    expect(loaded.firstRun).toBe(true)
    const jobs = Object.values(loaded.metrics[loadId]![0]!.jobMetrics)
    expect(jobs.map((job) => job.tableName).toSorted()).toEqual(Object.keys(normalized.rowCounts).toSorted())
    expect(jobs.every((job) => job.state === 'completed' && job.finishedAt !== null && job.retryCount === 0)).toBe(true)
    const [package_] = loaded.loadPackages
    expect(package_?.completedAt).toBeInstanceOf(Date)
    expect(Object.keys(package_!.schemaUpdate)).toEqual(expect.arrayContaining(['t_1', 't_1__items', 't_2']))
    expect((await pipe.run([{ id: 3 }], { tableName: 't_1' }))?.firstRun).toBe(false)
  })

  it("as rows make dlt's tables", async () => {
    const pipe = open('as_rows')
    const info = (await pipe.run(orders, { tableName: 'orders' }))!
    await pipe.run([info.asDict()], { tableName: '_load_info' })
    await pipe.run([pipe.lastTrace!.asDict()], { tableName: '_trace' })
    const tables = await readDataset(join(home, 'as_rows.db'), 'ds')
    expect(Object.keys(tables).filter((name) => name.startsWith('_load_info'))).toEqual([
      '_load_info',
      '_load_info__job_metrics',
      '_load_info__load_packages',
      '_load_info__load_packages__jobs',
      '_load_info__load_packages__tables',
      '_load_info__load_packages__tables__columns',
      '_load_info__loads_ids',
    ])
    expect(tables['_load_info']!.columns.map(({ name, type }) => `${name} ${type}`).toSorted()).toEqual([
      '_dlt_id VARCHAR',
      '_dlt_load_id VARCHAR',
      'dataset_name VARCHAR',
      'destination_displayable_credentials VARCHAR',
      'destination_fingerprint VARCHAR',
      'destination_name VARCHAR',
      'destination_type VARCHAR',
      'finished_at TIMESTAMP WITH TIME ZONE',
      'first_run BOOLEAN',
      'pipeline__pipeline_name VARCHAR',
      'started_at TIMESTAMP WITH TIME ZONE',
    ])
    expect(tables['_load_info__load_packages__tables__columns']!.rows).toContainEqual(
      expect.objectContaining({ table_name: 'orders__items', name: 'sku', load_id: info.loadsIds[0] }),
    )
    expect(Object.keys(tables)).toEqual(
      expect.arrayContaining(['_trace', '_trace__steps', '_trace__steps__load_info__job_metrics']),
    )
  })

  it('followup jobs make a table, too', async () => {
    const pipe = open('followups')
    const { data } = (await pipe.run(orders, { tableName: 'orders' }))!
    const [loadId, [metrics]] = Object.entries(data.metrics)[0] as [string, [(typeof data.metrics)[string][number]]]
    const jobs = Object.entries(metrics.jobMetrics).map(
      ([id, job]) => [id, { ...job, followupJobs: ['a.b.sql'] }] as const,
    )
    const info = new LoadInfo({
      ...data,
      metrics: { [loadId]: [{ ...metrics, jobMetrics: Object.fromEntries(jobs) }] },
    })
    await pipe.run([info.asDict()], { tableName: '_load_info' })
    const rows = await query(
      join(home, 'followups.db'),
      'SELECT DISTINCT value FROM ds._load_info__job_metrics__followup_jobs',
    )
    expect(rows).toEqual([['a.b.sql']])
  })
})

describe('the last trace', () => {
  it('of a run has its steps, here and in another object', async () => {
    const pipe = open('traced')
    expect(pipe.lastTrace).toBeUndefined()
    const info = await pipe.run(orders, { tableName: 'orders' })
    expect(pipe.lastTrace?.steps.map(({ step }) => step)).toEqual(['extract', 'normalize', 'load', 'run'])
    expect(pipe.lastTrace?.lastLoadInfo).toBe(info)
    const other = open('traced').lastTrace!
    expect(textOf(other.lastLoadInfo)).toBe(textOf(info))
    expect(other.lastNormalizeInfo?.rowCounts).toMatchObject({ orders: 2, orders__items: 2 })
    expect(other.lastExtractInfo?.rowCounts).toEqual({ orders: 2 })
    await pipe.extract(orders, { tableName: 'orders' })
    await pipe.normalize()
    expect(open('traced').lastTrace?.steps.map(({ step }) => step)).toEqual([
      'extract',
      'normalize',
      'load',
      'run',
      'extract',
      'normalize',
    ])
    expect(open('traced').lastTrace?.transactionId).toBe(other.transactionId)
  })

  it('is written by gantry run, and by each stage as a command', async () => {
    const flags = ['--pipeline-name', 'commands']
    const ran = await run('gantry', ['run', 'orders.jsonl', ...flags, '--json'], home)
    expect(ran.code, ran.stderr).toBe(0)
    const trace = open('commands').lastTrace!
    expect(trace.steps.map(({ step }) => step)).toEqual(['extract', 'normalize', 'load', 'run'])
    expect(trace.lastExtractInfo?.extractDataInfo).toEqual([{ name: 'orders', dataType: 'file' }])
    expect(trace.lastNormalizeInfo?.rowCounts).toMatchObject({ orders__items: 2 })
    expect(trace.lastLoadInfo?.loadPackages[0]?.jobs.completed_jobs).toHaveLength(3)
    for (const bin of ['gantry-extract', 'gantry-normalize', 'gantry-load'] as const) {
      const { code, stderr } = await run(bin, [...(bin === 'gantry-extract' ? ['orders.jsonl'] : []), ...flags], home)
      expect(code, stderr).toBe(0)
    }
    expect(
      open('commands')
        .lastTrace?.steps.slice(4)
        .map(({ step }) => step),
    ).toEqual(['extract', 'normalize', 'load'])
  })

  it('of a failed run has the errors, outermost first', async () => {
    const { code } = await run('gantry', ['run', 'bad.jsonl', '--pipeline-name', 'failed'], home)
    expect(code).toBe(1)
    const { steps } = open('failed').lastTrace!
    expect(steps.map(({ step, stepException }) => [step, stepException === null])).toEqual([
      ['extract', true],
      ['normalize', false],
      ['run', false],
    ])
    expect(steps[1]?.exceptionTraces.map(({ exceptionType }) => exceptionType)).toEqual([
      'PipelineStepFailed',
      'MalformedJson',
      'JsonSyntaxError',
    ])
    expect(steps[1]?.exceptionTraces[0]?.loadId).toBe(steps[0]?.stepInfo?.loadsIds[0])
  })

  it('is not written where that is switched off, nor for wrong usage', async () => {
    const off = { env: { RUNTIME__ENABLE_RUNTIME_TRACE: 'false' } }
    expect((await run('gantry', ['run', 'orders.jsonl', '--pipeline-name', 'off'], home, off)).code).toBe(0)
    expect(await readdir(join(home, 'pipelines/off'))).not.toContain('trace.json')
    expect((await run('gantry', ['run', 'orders.csv', '--pipeline-name', 'usage'], home)).code).toBe(2)
    expect(await readdir(join(home, 'pipelines'))).not.toContain('usage')
  })
})

describe('a failed step', () => {
  it('says which package, and that pending packages are kept and how to give them up', async () => {
    const pipe = open('kept')
    const { loadsIds } = await pipe.extract([{ id: 1 }], { tableName: 'small' })
    const manifest = join(pipe.workingDir, 'normalize/extracted', loadsIds[0]!, 'manifest.json')
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(/"bytes": \d+/, '"bytes": 1'))
    const error = (await pipe.normalize().catch((reason: unknown) => reason)) as PipelineStepFailed
    expect(error).toMatchObject({
      step: 'normalize',
      loadId: loadsIds[0],
      hasPendingData: true,
      isPackagePartiallyLoaded: false,
      terminal: true,
    })
    expect(error.message).toContain(`Step normalize of pipeline kept failed, package ${loadsIds[0]}: `)
    expect(error.message).toContain('new data is ignored until they are finished')
    expect(error.message).toContain('gantry pipeline kept drop-pending-packages --pipelines-dir ')
  })

  it('of load has the info of what was done, and failed jobs can be raised', async () => {
    const { pipe, error } = await refused('refused')
    expect(error).toMatchObject({ step: 'load', hasPendingData: false, isPackagePartiallyLoaded: false })
    expect(error.message).not.toContain('drop-pending-packages')
    const info = error.stepInfo as LoadInfo
    expect(info).toBeInstanceOf(LoadInfo)
    expect(error.loadId).toBe(info.loadsIds[0])
    expect(info.hasFailedJobs).toBe(true)
    expect(() => info.raiseOnFailedJobs()).toThrow(DestinationHasFailedJobs)
    expect(String(info)).toMatch(/is ABORTED and contains 1 FAILED job\(s\)!\n\t\[small\.\w+\.parquet\]: /)
    const [failed] = Object.values(info.metrics[error.loadId!]![0]!.jobMetrics)
    expect(failed).toMatchObject({ state: 'failed', tableName: 'small' })
    expect(textOf(open('refused').lastTrace?.lastLoadInfo)).toBe(textOf(info))
    expect(
      pipe.lastTrace?.steps
        .at(-1)
        ?.exceptionTraces.map((one) => one.exceptionType)
        .slice(0, 2),
    ).toEqual(['PipelineStepFailed', 'LoadClientJobFailed'])
  })
})

describe('gantry pipeline', () => {
  const flags = { env: { NODE_OPTIONS: `--import ${guard}` } }
  const ask = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run('gantry', ['pipeline', ...args], home, flags)
    expect(code, stderr).toBe(0)
    return stdout
  }
  let first: string
  beforeAll(async () => {
    const { pipe, error } = await refused('asked')
    first = error.loadId!
    await pipe.extract(orders, { tableName: 'orders' })
    await pipe.normalize()
    await pipe.extract(orders, { tableName: 'orders' })
  })

  it('--list names those that there are', async () => {
    expect(await ask('--list')).toContain('asked, last used at 20')
    const listed = JSON.parse(await ask('--list', '--json')) as { pipeline_name: string }[]
    expect(listed.map((one) => one.pipeline_name)).toContain('asked')
    expect(await ask('--list', '--pipelines-dir', join(home, 'none'))).toBe('No pipelines found\n')
  })

  it('info says where it loads to and what waits', async () => {
    const text = await ask('asked', 'info')
    expect(text).toBe(await ask('asked'))
    expect(text).toContain('Destination:           dlt.destinations.duckdb\n')
    expect(text).toContain(`Aborted packages:      ${first}\n`)
    const info = JSON.parse(await ask('asked', 'info', '--json')) as { packages: Record<string, string[]> }
    expect(Object.entries(info.packages).map(([place, ids]) => [place, ids.length])).toEqual([
      ['extracted', 1],
      ['normalized', 1],
      ['loaded', 1],
      ['aborted', 1],
    ])
    expect(info).toMatchObject({ dataset_name: 'ds', schema_names: ['asked'], last_step: { step: 'extract' } })
  })

  it('failed-jobs says which and why', async () => {
    expect(await ask('asked', 'failed-jobs')).toContain(
      `Package ${first} is ABORTED and contains 1 FAILED job(s)!\n  small.`,
    )
    const [job, ...others] = JSON.parse(await ask('asked', 'failed-jobs', '--json')) as Record<string, string>[]
    expect(others).toEqual([])
    expect(job).toMatchObject({ load_id: first, table_name: 'small', state: 'failed_jobs' })
    expect(job!['failed_message']).toContain('1000')
    expect(await ask('traced', 'failed-jobs')).toBe('Pipeline traced has no failed jobs\n')
  })

  it('load-package shows one package, or the newest', async () => {
    expect(await ask('asked', 'load-package', first)).toContain(`Package ${first} of schema asked is ABORTED`)
    const newest = JSON.parse(await ask('asked', 'load-package', '--json')) as Record<string, unknown>
    expect(newest).toMatchObject({ state: 'extracted', completed_at: null })
    const { code, stderr } = await run('gantry', ['pipeline', 'asked', 'load-package', '1.5'], home)
    expect(code).toBe(2)
    expect(stderr).toContain(`There is no load package 1.5. The newest ones: `)
  })

  it('trace shows the last one', async () => {
    expect(await ask('asked', 'trace')).toContain('\nStep run FAILED in ')
    expect(JSON.parse(await ask('asked', 'trace', '--json'))).toEqual(
      JSON.parse(await readFile(join(home, 'pipelines/asked/trace.json'), 'utf8')),
    )
    expect(await ask('off', 'trace')).toBe('Pipeline off has no trace\n')
  })

  it('drop-pending-packages removes what waits, and nothing else', async () => {
    expect((await ask('asked', 'drop-pending-packages')).split('\n')).toHaveLength(4)
    expect(await ask('asked', 'drop-pending-packages')).toBe('Pipeline asked has no pending packages\n')
    const { packages } = JSON.parse(await ask('asked', '--json')) as { packages: Record<string, string[]> }
    expect(packages).toMatchObject({ extracted: [], normalized: [], aborted: [first] })
  })

  const wrong: [args: string[], said: string][] = [
    [['nobody', 'info'], 'There is no pipeline "nobody" in '],
    [
      ['asked', 'sync'],
      'There is no action "sync". Actions: info, trace, failed-jobs, load-package, drop-pending-packages.',
    ],
    [['asked', 'info', 'more'], 'info does not take "more"'],
    [[], 'Which pipeline?'],
  ]
  it.each(wrong)('%j is wrong usage', async (args, said) => {
    const { code, stderr, stdout } = await run('gantry', ['pipeline', ...args], home)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(said)
    if (args[0] === 'nobody') expect(stderr).toContain('asked')
  })
})
