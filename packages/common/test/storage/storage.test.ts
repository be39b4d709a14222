import { mkdtempSync, utimesSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { durationText } from '../../src/info/duration.ts'
import { pipelinesDir } from '../../src/storage/folders.ts'
import { jobId, parseJobFileName, printJobFileName } from '../../src/storage/job-file-name.ts'
import { PipelineState } from '../../src/storage/pipeline-state.ts'
import { thisProcess } from '../../src/storage/process-identity.ts'
import { lockStage, waitForLock } from '../../src/storage/stage-lock.ts'

const folder = (): string => mkdtempSync(join(tmpdir(), 'gantry-storage-'))

describe('a job file name', () => {
  it.each(['events.0123456789.0.jsonl', 'a__b.0123456789.3.typed-jsonl.gz', 't.ffffffffff.0.ndjson'])(
    '%s reads and prints',
    (name) => {
      expect(printJobFileName(parseJobFileName(name))).toBe(name)
    },
  )

  it('keeps its job id over retries', () => {
    expect(jobId(parseJobFileName('t.0123456789.7.csv.gz'))).toBe('t.0123456789.csv.gz')
  })

  it('is refused for a table whose name makes it longer than file systems allow', () => {
    const name = (table: string): string =>
      printJobFileName({ table, fileId: '0123456789', retry: 0, format: 'jsonl', isGzip: false })
    expect(name('é'.repeat(118))).toHaveLength(118 + '.0123456789.0.jsonl'.length)
    expect(() => name('é'.repeat(119))).toThrow(/would have 257 bytes, and file systems allow 255/)
  })

  it.each(['x', 't.1.jsonl', 't.0123456789.0.exe', '.0123456789.0.csv', 't.0123456789.a.csv'])('%s is none', (name) => {
    expect(() => parseJobFileName(name)).toThrow('is no job file')
  })
})

describe('the lock of a stage', () => {
  it('takes away what killed processes have left of taking this lock or another', async () => {
    const dir = folder()
    const dead = JSON.stringify({ ...thisProcess(), uuid: 'other', pid: 2 ** 22 + 1 })
    const left = {
      'load.lock.000000000001': dead,
      'load.lock.000000000002': '',
      'load.lock.000000000003': JSON.stringify(thisProcess()),
      'load.lock.000000000004': '{"uuid":',
      'extract.lock.000000000005': dead,
      'schemas.lock.000000000006': '',
      'schemas.lock': JSON.stringify(thisProcess()),
    }
    for (const [name, text] of Object.entries(left)) writeFileSync(join(dir, name), text)
    await using _lock = await lockStage(dir, 'load')
    // What stays is of a process that lives.
    expect((await readdir(dir)).toSorted()).toEqual(['load.lock', 'load.lock.000000000003', 'schemas.lock'])
  })

  it('is taken by one at a time, though others take away what is without an owner', async () => {
    const dir = folder()
    const holders = { even: 0, odd: 0 }
    const counts: number[] = []
    const takers = Array.from({ length: 20 }, async (_, n) => {
      const name = n % 2 === 0 ? 'even' : 'odd'
      for (let round = 0; round < 5; round++) {
        await using _lock = await waitForLock(dir, name)
        counts.push(++holders[name])
        await setTimeout(1)
        holders[name]--
      }
    })
    await Promise.all(takers)
    expect(counts).toEqual(Array.from({ length: 100 }, () => 1))
    expect(await readdir(dir)).toEqual([])
  })

  it('is held by one, released, and taken again', async () => {
    const dir = folder()
    const lock = await lockStage(dir, 'load')
    await expect(lockStage(dir, 'load')).rejects.toMatchObject({ code: 'stage_locked', exitCode: 75 })
    await lock[Symbol.asyncDispose]()
    await (await lockStage(dir, 'load'))[Symbol.asyncDispose]()
    expect(await readdir(dir)).toEqual([])
  })

  it('is taken over from a process that is dead', async () => {
    const dir = folder()
    writeFileSync(join(dir, 'load.lock'), JSON.stringify({ ...thisProcess(), uuid: 'other', pid: 2 ** 22 + 1 }))
    await (await lockStage(dir, 'load'))[Symbol.asyncDispose]()
  })

  it('is taken over from another machine only after a minute of silence', async () => {
    const dir = folder()
    const path = join(dir, 'load.lock')
    writeFileSync(path, JSON.stringify({ ...thisProcess(), uuid: 'other', host: 'elsewhere' }))
    await expect(lockStage(dir, 'load')).rejects.toThrow('on elsewhere')
    const before = new Date(Date.now() - 61_000)
    utimesSync(path, before, before)
    await (await lockStage(dir, 'load'))[Symbol.asyncDispose]()
  })
})

describe('the state of a pipeline', () => {
  it('has the hash that dlt gives it, and a version that rises with its content', () => {
    const state = PipelineState.create('demo', '/srv', '/w/demo')
    state.setDestination({ type: 'duckdb', name: 'duckdb' }, 'demo_data')
    state.addSchema('demo')
    state.bump()
    expect(state.version).toBe(1)
    expect(state.versionHash).toBe('SFEBQU2y06BSvH3XbpGyY8hAgCbU2d+nLX68IliGQDk=')
    state.bump()
    expect(state.version).toBe(1)
    state.addSchema('other')
    state.bump()
    expect(state.version).toBe(2)
  })
})

describe('words and places', () => {
  it.each([
    [0.004, '0 seconds'],
    [1, '1 second'],
    [1.2, '1.20 seconds'],
    [61.5, '1 minute and 1.50 seconds'],
    [3661.25, '1 hour, 1 minute and 1.25 seconds'],
  ])('%d s is %s', (seconds, text) => {
    expect(durationText(seconds)).toBe(text)
  })

  it('finds the pipelines folder as dlt does', () => {
    expect(pipelinesDir('/x', {})).toBe('/x')
    expect(pipelinesDir(undefined, { DLT_DATA_DIR: '/data' })).toBe('/data/pipelines')
  })
})
