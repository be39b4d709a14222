import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  Configuration,
  type Environment,
  ExtractInfo,
  InvalidUsage,
  NormalizeInfo,
  PipelineTrace,
  silentLog,
  systemClock,
  TerminalError,
  TracedCall,
  tryReadTrace,
  workingFolder,
  type Logger,
  type TraceOptions,
  type WorkingFolder,
} from '../../src/index.ts'
import { loadInfo, package_ } from '../info/support.ts'

let folder: WorkingFolder
beforeEach(async () => {
  folder = workingFolder(await mkdtemp(join(tmpdir(), 'gantry-trace-')), 'demo')
})

function options(rest: Partial<TraceOptions> = {}, env: Environment = {}): TraceOptions {
  const configuration = Configuration.ofEnvironment(env, 'demo')
  return { configuration, pipelineName: 'demo', folder, clock: systemClock, log: silentLog(), ...rest }
}

const written = {
  filePath: '/srv/users.jsonl',
  rows: 2,
  bytes: 20,
  files: 1,
  created: 1_795_290_022.5,
  lastModified: 1_795_290_022.75,
}
const extracted = package_({ state: 'extracted', completedAt: null, schemaUpdate: {} })
const common = { pipelineName: 'demo', firstRun: false, startedAtMs: 1000, finishedAtMs: 2000 }
const times = { startedAt: new Date(1000), finishedAt: new Date(2000) }
const sum = { ...written, filePath: '' }
const extractInfo = new ExtractInfo({
  ...common,
  loadPackages: [extracted],
  extractDataInfo: [{ name: '', dataType: 'Array' }],
  metrics: {
    [extracted.loadId]: [
      {
        ...times,
        schemaName: 'demo',
        jobMetrics: { 'users.0000000001.typed-jsonl': written },
        tableMetrics: { users: sum },
        resourceMetrics: { people: sum },
      },
    ],
  },
})
const normalizeInfo = new NormalizeInfo({
  ...common,
  loadPackages: [extracted],
  contractViolations: [],
  rowsByPath: { fast: 1, reference: 1 },
  metrics: {
    [extracted.loadId]: [
      { ...times, jobMetrics: { 'users.0000000001.parquet': written }, tableMetrics: { users: sum } },
    ],
  },
})

class Refused extends TerminalError {
  override readonly code = 'refused'
}

async function failing(call: TracedCall): Promise<void> {
  const driver = new Error('login failed for postgresql://ann:s3cr3t@db')
  const refused = new Refused('job refused', { loadId: '1.5', jobId: 'a.b.csv', password: 's3cr3t' }, { cause: driver })
  await expect(call.step('load', () => Promise.reject(refused))).rejects.toBe(refused)
}

describe('a trace', () => {
  it('comes back from its file as it was, infos too', async () => {
    const call = TracedCall.ofRun(options())
    await call.step('extract', () => Promise.resolve(extractInfo))
    await call.step('normalize', () => Promise.resolve(normalizeInfo))
    const info = loadInfo({ staging: { type: 'dlt.destinations.filesystem', name: 'bucket', location: 's3://b' } })
    await call.step('load', () => Promise.resolve(info))
    call.note('run', { startedAtMs: 1000, info })
    await call.save()
    const read = tryReadTrace(folder, silentLog())
    expect(JSON.stringify(read)).toBe(JSON.stringify(call.trace))
    expect(read?.lastExtractInfo?.data).toEqual(extractInfo.data)
    expect(read?.lastNormalizeInfo?.data).toEqual(normalizeInfo.data)
    expect(read?.lastNormalizeInfo?.rowCounts).toEqual({ users: 2 })
    expect(String(read?.lastLoadInfo)).toBe(String(info))
    expect(read?.lastLoadInfo?.metrics[extracted.loadId]?.[0]?.jobMetrics).toEqual(
      info.metrics[extracted.loadId]?.[0]?.jobMetrics,
    )
    expect(read?.lastLoadInfo?.loadPackages).toEqual(info.loadPackages)
    expect(String(read?.lastPipelineStepTrace('run')?.stepInfo)).toBe(String(info))
    expect(read?.transactionId).toMatch(/^[0-9a-f]{32}$/)
    expect(await readdir(folder.root)).toEqual(['trace.json'])
  })

  it('of a run begins anew, a step by itself goes on with it', async () => {
    const run = TracedCall.ofRun(options())
    await run.step('extract', () => Promise.resolve(extractInfo))
    await run.save()
    const step = TracedCall.ofStep(options())
    await step.step('normalize', () => Promise.resolve(normalizeInfo))
    await step.save()
    expect(step.trace?.steps.map((one) => one.step)).toEqual(['extract', 'normalize'])
    expect(step.trace?.transactionId).toBe(run.trace?.transactionId)
    const next = TracedCall.ofRun(options())
    await next.step('extract', () => Promise.resolve(extractInfo))
    expect(next.trace?.steps).toHaveLength(1)
    expect(next.trace?.transactionId).not.toBe(run.trace?.transactionId)
  })

  it('keeps its last hundred steps', async () => {
    for (let at = 0; at < 3; at++) {
      const call = TracedCall.ofStep(options())
      for (let step = 0; step < 40; step++) call.note('extract', { startedAtMs: at * 40 + step })
      await call.save()
    }
    const steps = tryReadTrace(folder, silentLog())?.steps ?? []
    expect([steps.length, steps[0]?.startedAt.getTime(), steps.at(-1)?.startedAt.getTime()]).toEqual([100, 20, 119])
  })

  it('keeps fewer where they are huge', async () => {
    const message = 'x'.repeat(5_000_000)
    for (let at = 0; at < 4; at++) {
      const call = TracedCall.ofStep(options())
      call.note('load', { startedAtMs: at, error: message })
      await call.save()
    }
    expect(tryReadTrace(folder, silentLog())?.steps.map(({ startedAt }) => startedAt.getTime())).toEqual([3])
  })

  it('has the errors of a failed step, outermost first and without secrets', async () => {
    const call = TracedCall.ofRun(options())
    await failing(call)
    await call.save()
    const text = await readFile(folder.trace, 'utf8')
    expect(text).not.toContain('s3cr3t')
    const step = PipelineTrace.parse(text).lastPipelineStepTrace('load')
    expect(step?.stepException).toBe('job refused')
    expect(step?.exceptionTraces).toMatchObject([
      {
        message: 'job refused',
        exceptionType: 'Refused',
        isTerminal: true,
        loadId: '1.5',
        jobId: 'a.b.csv',
        exceptionAttrs: { loadId: '1.5', jobId: 'a.b.csv', password: '***' },
      },
      { message: 'login failed for postgresql://ann:***@db', exceptionType: 'Error', isTerminal: null },
    ])
    expect(step?.exceptionTraces[1]?.stackTrace[0]).toMatch(/^at /)
  })

  it('as a row has no run step, unless that failed, and no values of settings', async () => {
    const call = TracedCall.ofRun(options())
    await call.step('load', () => Promise.resolve(loadInfo()))
    call.note('run', { startedAtMs: 1000, info: loadInfo() })
    const row = call.trace?.asDict() as { steps: Record<string, unknown>[] }
    expect(row.steps.map((one) => one['step'])).toEqual(['load'])
    expect(Object.keys(row.steps[0]?.['step_info'] as object)).toEqual([
      'pipeline',
      'loads_ids',
      'load_packages',
      'first_run',
      'started_at',
      'finished_at',
    ])
    expect(Object.keys(row.steps[0]?.['load_info'] as object)).toContain('job_metrics')
    call.note('run', { startedAtMs: 1000, error: new Error('late') })
    const failed = call.trace?.asDict() as typeof row
    expect(failed.steps.map((one) => one['step'])).toEqual(['load', 'run'])
  })

  it('says where a pipeline ran, and nothing private', () => {
    const call = TracedCall.ofRun(options())
    call.note('extract', { startedAtMs: 1000 })
    const context = (JSON.parse(JSON.stringify(call.trace)) as Record<string, object>)['execution_context']!
    expect(Object.keys(context)).toEqual(['ci_run', 'node', 'cpu', 'os', 'library'])
    expect(context).toMatchObject({ node: process.versions.node, library: { name: 'gantry' } })
  })
})

describe('no trace is written', () => {
  it.each(['RUNTIME__ENABLE_RUNTIME_TRACE', 'ENABLE_RUNTIME_TRACE', 'DEMO__RUNTIME__ENABLE_RUNTIME_TRACE'])(
    'where %s is false',
    async (name) => {
      const call = TracedCall.ofRun(options({}, { [name]: 'false' }))
      await call.step('extract', () => Promise.resolve(extractInfo))
      await call.save()
      expect(call.trace).toBeUndefined()
      expect(tryReadTrace(folder, silentLog())).toBeUndefined()
    },
  )

  it('of a call that was refused as wrong usage', async () => {
    const call = TracedCall.ofRun(options())
    await expect(call.step('extract', () => Promise.reject(new InvalidUsage('no')))).rejects.toThrow('no')
    await call.save()
    expect(tryReadTrace(folder, silentLog())).toBeUndefined()
  })
})

describe('a trace never stops a run', () => {
  function warnings(): { log: Logger; said: unknown[] } {
    const said: unknown[] = []
    return { log: { warn: (...args: unknown[]) => said.push(args[1]) } as unknown as Logger, said }
  }

  it('where it cannot be saved', async () => {
    await mkdir(join(folder.root, '..'), { recursive: true })
    await writeFile(folder.root, 'a file in the place of the folder')
    const { log, said } = warnings()
    const call = TracedCall.ofRun(options({ log }))
    await call.step('extract', () => Promise.resolve(extractInfo))
    await call.save()
    expect(said).toEqual(['the trace could not be saved'])
    await rm(folder.root)
  })

  it('where the one before cannot be read', async () => {
    await mkdir(folder.root, { recursive: true })
    for (const text of ['{', '{"engine_version":2}', '{"engine_version":1,"steps":[{}]}']) {
      await writeFile(folder.trace, text)
      const { log, said } = warnings()
      const call = TracedCall.ofStep(options({ log }))
      await call.step('extract', () => Promise.resolve(extractInfo))
      await call.save()
      expect(said).toEqual(['the stored trace cannot be read'])
      expect(tryReadTrace(folder, silentLog())?.steps).toHaveLength(1)
    }
  })
})
