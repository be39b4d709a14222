import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import {
  DatasetNotAvailable,
  defineSink,
  destinations,
  DestinationTerminalException,
  incremental,
  pipeline,
  resource,
  secrets,
  type Pipeline,
  type PipelineOptions,
  type SinkDeclaration,
  type SinkRow,
} from 'gantry'
import { asyncBufferFromFile, parquetMetadataAsync } from 'hyparquet'
import { beforeEach, describe, expect, it } from 'vitest'
import { root, run, testFolder, type Ended } from '../support/gantry.mjs'

let home: string
beforeEach(async () => {
  home = await testFolder('sinks')
})

function open(destination: SinkDeclaration, options: PipelineOptions = {}): Pipeline {
  return pipeline({ pipelineName: 'p', pipelinesDir: join(home, 'pipelines'), destination, ...options })
}

const rowsTo = (count: number): { id: number }[] => Array.from({ length: count }, (_, id) => ({ id }))
const idsOf = (items: readonly SinkRow[]): unknown[] => items.map(({ id }) => id)

const byTable = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

/** The documents of that name in the loaded packages, in their order. */
async function loaded(name: string): Promise<Record<string, unknown>[]> {
  const dir = join(home, 'pipelines/p/load/loaded')
  const ids = (await readdir(dir)).toSorted()
  const texts = await Promise.all(ids.map((id) => readFile(join(dir, id, name), 'utf8')))
  return texts.map((text) => JSON.parse(text) as Record<string, unknown>)
}

describe('what the function gets', () => {
  it('are rows of ten, with the values as they went in, and the table', async () => {
    const calls: { rows: SinkRow[]; table: unknown }[] = []
    const sink = defineSink({ name: 'crm' }, (rows, { name, columns, hints }) => {
      calls.push({ rows, table: [name, [...columns.keys()], hints.write_disposition] })
    })
    const first = {
      'Big one': 2n ** 62n,
      wei: 2n ** 100n,
      at: new Date('2024-05-01T12:00:00.123Z'),
      bytes: Uint8Array.of(1, 2),
      nested: { list: [1, { exact: 2n ** 60n }] },
      none: null,
    }
    const rows = [first, ...Array.from({ length: 10 }, (_, at) => ({ 'Big one': at }))]
    await open(sink).run(rows, { tableName: 'My table', writeDisposition: 'replace' })
    expect(calls.map(({ rows: { length } }) => length)).toEqual([10, 1])
    const { at: _at, none: _none, ...rest } = first
    expect(calls[0]?.rows[0]).toEqual({ ...rest, at: '2024-05-01T12:00:00.123000+00:00' })
    expect(calls[1]?.rows).toEqual([{ 'Big one': 9 }])
    expect(calls[0]?.table).toEqual(['My table', ['Big one', 'wei', 'at', 'bytes', 'nested'], 'replace'])
  })

  it('are batches across the lines of a file, the rest once', async () => {
    const batches: unknown[][] = []
    const sink = defineSink({ name: 'crm', batchSize: 4 }, (rows) => void batches.push(idsOf(rows)))
    // A line ends after a megabyte: three rows.
    const p = open(sink)
    await p.run(
      rowsTo(10).map((row) => ({ ...row, text: 'x'.repeat(400_000) })),
      { tableName: 't' },
    )
    const dir = join(home, 'pipelines/p/load/loaded')
    const [id = ''] = await readdir(dir)
    const names = await readdir(join(dir, id, 'completed_jobs'))
    const file = names.find((name) => name.startsWith('t.')) ?? ''
    const lines = (await readFile(join(dir, id, 'completed_jobs', file), 'utf8')).trim().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as unknown[]).length)).toEqual([3, 3, 3, 1])
    expect(batches).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ])
    const [state] = await loaded('load_package_state.json')
    expect(state?.['destination_state']).toEqual({ [file.split('.').slice(0, 2).join('.')]: 10 })
  })

  it.each(['typed-jsonl', 'parquet'] as const)('are whole files of %s by batchSize: 0', async (loaderFileFormat) => {
    const paths: string[] = []
    const counts: unknown[] = []
    const sink = defineSink({ name: 'files', batchSize: 0, loaderFileFormat }, async (path, { name }) => {
      paths.push(path)
      const count =
        loaderFileFormat === 'parquet'
          ? Number((await parquetMetadataAsync(await asyncBufferFromFile(path))).num_rows)
          : (JSON.parse(await readFile(path, 'utf8')) as unknown[]).length
      counts.push([name, count])
    })
    await open(sink).run(rowsTo(25), { tableName: 't' })
    expect(counts).toEqual([['t', 25]])
    expect(paths.every((path) => isAbsolute(path) && path.endsWith(`.${loaderFileFormat}`))).toBe(true)
  })

  it('are columns and tables of dlt too, if asked for', async () => {
    const calls: [string, string[]][] = []
    const sink = defineSink({ name: 'all', skipDltColumnsAndTables: false }, (rows, { name }) => {
      calls.push([name, Object.keys(rows[0] ?? {})])
    })
    await open(sink).run(rowsTo(1), { tableName: 't' })
    expect(calls.toSorted(byTable)).toEqual([
      ['_dlt_pipeline_state', expect.arrayContaining(['version', 'state', '_dlt_load_id'])],
      ['t', ['id', '_dlt_load_id', '_dlt_id']],
    ])
  })

  it('are nested items as tables of their own, under other names, if asked for', async () => {
    const seen = async (options: { maxTableNesting?: number; namingConvention?: string }): Promise<unknown[]> => {
      const calls: [string, unknown][] = []
      const sink = defineSink({ name: 'nest', ...options }, (rows, { name }) => void calls.push([name, rows]))
      await open(sink, { devMode: true }).run([{ Id: 1, a: { B: [{ c: 1 }] } }], { tableName: 'T' })
      return calls.toSorted(byTable)
    }
    expect(await seen({})).toEqual([['T', [{ Id: 1, a: { B: [{ c: 1 }] } }]]])
    expect(await seen({ maxTableNesting: 1 })).toEqual([['T', [{ Id: 1, 'a▶B': [{ c: 1 }] }]]])
    expect(await seen({ maxTableNesting: 9 })).toEqual([
      ['T', [{ Id: 1 }]],
      ['T▶a▶B', [{ c: 1 }]],
    ])
    expect(await seen({ maxTableNesting: 9, namingConvention: 'snake_case' })).toEqual([
      ['t', [{ id: 1 }]],
      ['t__a__b', [{ c: 1 }]],
    ])
  })

  it.each([
    ['merge', undefined],
    [{ disposition: 'merge', strategy: 'upsert' }, ['id']],
    ['replace', undefined],
  ] as const)('does not depend on the write disposition, %j', async (writeDisposition, primaryKey) => {
    const batches: unknown[] = []
    const sink = defineSink({ name: 'crm' }, (rows, { hints }) => {
      batches.push([idsOf(rows), hints.write_disposition])
    })
    const hints = {
      tableName: 't',
      writeDisposition,
      ...(primaryKey === undefined ? {} : { primaryKey: [...primaryKey] }),
    }
    for (let turn = 0; turn < 2; turn++) await open(sink).run(rowsTo(2), hints)
    const named = typeof writeDisposition === 'string' ? writeDisposition : writeDisposition.disposition
    expect(batches).toEqual([
      [[0, 1], named],
      [[0, 1], named],
    ])
  })
})

describe('configuration', () => {
  it('is looked for when there is something to load, under the name of the sink', async () => {
    const keys: string[] = []
    const sink = defineSink({ name: 'crm', config: { apiKey: secrets.value() } }, (_, __, { config }) => {
      keys.push(config.apiKey)
    })
    const p = open(sink)
    await p.extract(rowsTo(1), { tableName: 't' })
    await p.normalize()
    await expect(p.load()).rejects.toThrow(/Sink "crm" lacks api_key. Set DESTINATION__CRM__API_KEY in the environment/)
    await open(sink, { config: { destination: { crm: { api_key: 'k' } } } }).load()
    expect(keys).toEqual(['k'])
  })
})

describe('errors', () => {
  const settings = { config: { load: { raise_on_max_retries: 2 } } }

  it('are tried again from the batch on that failed, also by the next run', async () => {
    const calls: unknown[][] = []
    let failing = 1
    const sink = defineSink({ name: 'crm', batchSize: 2 }, (rows) => {
      calls.push(idsOf(rows))
      if (calls.length > 1 && failing-- > 0) throw new Error('come back later')
    })
    await open(sink, settings).run(rowsTo(5), { tableName: 't' })
    expect(calls).toEqual([[0, 1], [2, 3], [2, 3], [4]])

    calls.length = 0
    failing = 2
    const p = open(sink, settings)
    await expect(p.run(rowsTo(5), { tableName: 't' })).rejects.toThrow(/has failed 2 times.*\n.*come back later/)
    expect(calls).toEqual([
      [0, 1],
      [2, 3],
      [2, 3],
    ])
    await open(sink, settings).run()
    expect(calls.slice(3)).toEqual([[2, 3], [4]])
  })

  it('that are terminal fail the job at once', async () => {
    let calls = 0
    const sink = defineSink({ name: 'crm', batchSize: 2 }, () => {
      if (++calls === 2) throw new DestinationTerminalException('no such customer')
    })
    const error = await open(sink)
      .run(rowsTo(5), { tableName: 't' })
      .catch((thrown: unknown) => thrown as Error)
    expect(calls).toBe(2)
    expect(String(error)).toMatch(/was aborted, what it handed over before stays there.*table "t"[^]*no such customer/)
    expect(String(error)).not.toContain('nothing of it was loaded')
  })

  it('that are terminal leave a job behind where failed jobs are tolerated', async () => {
    const tables: string[] = []
    const sink = defineSink({ name: 'crm' }, (_, { name }) => {
      if (name === 'bad') throw new DestinationTerminalException('no')
      tables.push(name)
    })
    const sources = ['bad', 'good'].map((name) => resource({ name }, rowsTo(1)))
    const info = await open(sink, { config: { load: { raise_on_failed_jobs: false } } }).run(sources)
    expect(tables).toEqual(['good'])
    expect(info?.hasFailedJobs).toBe(true)
  })
})

describe('files at a time', () => {
  const most = async (
    options: Pick<Parameters<typeof defineSink>[0], 'maxParallelLoadJobs' | 'loaderParallelismStrategy'>,
    load: Record<string, unknown> = {},
  ): Promise<{ inAll: number; ofTable: number }> => {
    const running: string[] = []
    const seen = { inAll: 0, ofTable: 0 }
    const sink = defineSink({ name: 'crm', batchSize: 100, ...options }, async (_, { name }) => {
      running.push(name)
      seen.inAll = Math.max(seen.inAll, running.length)
      seen.ofTable = Math.max(seen.ofTable, running.filter((other) => other === name).length)
      await new Promise((resolve) => setTimeout(resolve, 30))
      running.splice(running.indexOf(name), 1)
    })
    const sources = ['a', 'b'].map((name) => resource({ name }, rowsTo(40)))
    const config = { load, normalize: { data_writer: { file_max_items: 10 } } }
    await open(sink, { config, devMode: true }).run(sources)
    return seen
  }

  it('are as many as asked for', async () => {
    expect(await most({})).toEqual({ inAll: 8, ofTable: 4 })
    expect((await most({ maxParallelLoadJobs: 3 })).inAll).toBe(3)
    expect(await most({ loaderParallelismStrategy: 'table-sequential' })).toEqual({ inAll: 2, ofTable: 1 })
    expect((await most({ loaderParallelismStrategy: 'sequential' })).inAll).toBe(1)
    expect((await most({}, { workers: 2 })).inAll).toBe(2)
    expect((await most({}, { parallelism_strategy: 'sequential' })).inAll).toBe(1)
  })
})

describe('a pipeline that loads to a sink', () => {
  const sink = defineSink({ name: 'crm' }, () => undefined)

  it('has no dataset, and says so', async () => {
    const p = open(sink)
    const info = await p.run(rowsTo(1), { tableName: 't' })
    expect(p.datasetName).toBeUndefined()
    expect(() => p.dataset()).toThrow(DatasetNotAvailable)
    expect(p.state).toMatchObject({
      destination_type: 'dlt.destinations.destination',
      destination_name: 'crm',
      dataset_name: null,
    })
    expect(String(info)).toContain('were loaded to destination crm and into dataset None')
    expect(info?.destinationDisplayableCredentials).toBe('sink:crm')
    expect(info?.asDict()).toMatchObject({ destination_name: 'crm', dataset_name: null })
    expect(p.lastTrace?.lastLoadInfo?.destinationName).toBe('crm')
    expect(p.lastTrace?.lastLoadInfo?.datasetName).toBe('')
  })

  it('keeps its cursors from run to run, with nothing to be asked back', async () => {
    const seen: unknown[] = []
    const noting = defineSink({ name: 'crm' }, (rows) => void seen.push(...idsOf(rows)))
    for (const last of [2, 4]) {
      const orders = resource({ name: 'orders', incremental: incremental<number>('id') }, rowsTo(last))
      await open(noting).run(orders)
    }
    expect(seen).toEqual([0, 1, 2, 3])
    expect(await open(noting).sync()).toMatchObject({ outcome: 'unchanged', stateVersion: 2 })
  })

  it('may drop what it knows of a resource, and load elsewhere later', async () => {
    const seen: unknown[] = []
    const noting = defineSink({ name: 'crm' }, (rows) => void seen.push(idsOf(rows)))
    const orders = (): unknown => resource({ name: 'orders', incremental: incremental<number>('id') }, rowsTo(2))
    await open(noting).run(orders())
    expect((await open(noting).dropResources('orders'))?.hasFailedJobs).toBe(false)
    await open(noting).run(orders())
    expect(seen).toEqual([
      [0, 1],
      [0, 1],
    ])
    const info = await pipeline({
      pipelineName: 'p',
      pipelinesDir: join(home, 'pipelines'),
      destination: destinations.duckdb(join(home, 'p.duckdb')),
    }).run(orders())
    expect(info?.datasetName).toBe('p_dataset')
  })

  it('has to be told of it in another program', async () => {
    await open(sink).run(rowsTo(1), { tableName: 't' })
    const { destination: _, ...rest } = { pipelineName: 'p', pipelinesDir: join(home, 'pipelines'), destination: sink }
    const p = pipeline(rest)
    await expect(p.run(rowsTo(1), { tableName: 't' })).rejects.toThrow(
      /loads to sink "crm"[^]*pipeline\(\{ destination: sink \}\)[^]*--destination .\/sink.ts/,
    )
  })
})

describe('on the command line', () => {
  const sinkModule = `import { appendFileSync } from 'node:fs'
import { defineSink, DestinationTerminalException, type SinkRow } from 'gantry'
export default defineSink({ name: 'notes', batchSize: 2 }, async (rows: SinkRow[]) => {
  appendFileSync('called.txt', rows.map(({ id }) => id).join(' ') + '\\n')
  if (process.env.SINK_REFUSES !== undefined) throw new DestinationTerminalException('refused on purpose')
  if (process.env.SINK_DELAY !== undefined) await new Promise((done) => setTimeout(done, Number(process.env.SINK_DELAY)))
})
`
  const called = async (): Promise<number[][]> =>
    (await readFile(join(home, 'called.txt'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => line.split(' ').map(Number))

  /** A project of a user's, with Gantry installed. */
  beforeEach(async () => {
    await symlink(join(root, 'node_modules'), join(home, 'node_modules'))
    await writeFile(join(home, 'package.json'), '{ "type": "module" }')
    await writeFile(join(home, 'sink.ts'), sinkModule)
    await writeFile(
      join(home, 'rows.jsonl'),
      rowsTo(7)
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    )
  })
  const flags = ['--destination', './sink.ts', '--pipeline-name', 'p']
  const batches = [[0, 1], [2, 3], [4, 5], [6]]

  it('is a module, for a whole run and for a pipeline that is declared with it', async () => {
    const ran = await run('gantry', ['run', 'rows.jsonl', ...flags], home)
    expect(ran.code, ran.stderr).toBe(0)
    expect(await called()).toEqual(batches)
    await writeFile(
      join(home, 'shop.ts'),
      `import { pipeline, resource } from 'gantry'
import sink from './sink.ts'
export const rows = resource({ name: 'rows' }, [{ id: 7 as number }])
export default pipeline({ pipelineName: 'shop', destination: sink })
`,
    )
    const declared = await run('gantry', ['run', 'shop.ts'], home)
    expect(declared.code, declared.stderr).toBe(0)
    expect(declared.stdout).toContain('destination notes and into dataset None')
    expect((await called()).slice(4)).toEqual([[7]])
  })

  it('is called by load alone, which has to be told of it again; a dry run only says what it would get', async () => {
    for (const stage of ['extract', 'normalize'] as const) {
      const { code, stderr } = await run(
        `gantry-${stage}`,
        stage === 'extract' ? ['rows.jsonl', ...flags] : flags,
        home,
      )
      expect(code, stderr).toBe(0)
    }
    const dryRun = await run('gantry-load', ['--dry-run', ...flags], home)
    expect(dryRun.stdout).toContain('would be loaded to destination notes and into dataset None')
    expect(dryRun.stdout).toMatch(/rows: append, job rows\.\w+\.typed-jsonl with 7 row\(s\)/)
    expect(existsSync(join(home, 'called.txt'))).toBe(false)
    const untold = await run('gantry-load', ['--pipeline-name', 'p'], home)
    expect(untold.code).toBe(2)
    expect(untold.stderr).toContain('loads to sink "notes"')
    const { code, stderr } = await run('gantry-load', flags, home)
    expect(code, stderr).toBe(0)
    expect(await called()).toEqual(batches)
  })

  it('fails a job for good by the error of its own module', async () => {
    const refused = await run('gantry', ['run', 'rows.jsonl', ...flags], home, { env: { SINK_REFUSES: 'yes' } })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('refused on purpose')
    expect(await called()).toEqual([[0, 1]])
  })

  /** Normalizes the rows, then loads until it comes to an end. @returns how often it was killed */
  async function loadThroughKills(load: () => Promise<Ended>): Promise<number> {
    for (const stage of ['extract', 'normalize'] as const) {
      await run(`gantry-${stage}`, stage === 'extract' ? ['rows.jsonl', ...flags] : flags, home)
    }
    for (let kills = 0; ; kills++) {
      const { code, signal, stderr } = await load()
      if (signal === 'SIGKILL') continue
      expect(code, stderr).toBe(0)
      return kills
    }
  }

  it('loses no row and repeats none where each process is killed between two batches', async () => {
    const env = { GANTRY_CRASH_AT: 'load:batch-noted' }
    expect(await loadThroughKills(() => run('gantry-load', flags, home, { env }))).toBe(4)
    expect(await called()).toEqual(batches)
  })

  it('repeats only the batch in flight where a process is killed before that is noted', async () => {
    let left = 2
    const kills = await loadThroughKills(() =>
      run('gantry-load', flags, home, { env: left-- > 0 ? { GANTRY_CRASH_AT: 'load:batch' } : {} }),
    )
    expect(kills).toBe(2)
    expect(await called()).toEqual([[0, 1], [0, 1], ...batches])
  })

  it('loses no row where a process is killed from without, and repeats one batch at most', async () => {
    let isKilled = false
    const kills = await loadThroughKills(() =>
      run('gantry-load', flags, home, {
        env: { SINK_DELAY: '100' },
        onStart(child) {
          if (isKilled) return
          isKilled = true
          void (async () => {
            const isUnderWay = async (): Promise<boolean> =>
              existsSync(join(home, 'called.txt')) && (await called()).length >= 3
            while (!(await isUnderWay())) await new Promise((resolve) => setTimeout(resolve, 5))
            child.kill('SIGKILL')
          })()
        },
      }),
    )
    expect(kills).toBe(1)
    const calls = await called()
    const repeated = calls.filter((batch, at) => String(batch) === String(calls[at - 1]))
    expect(repeated.length).toBeLessThanOrEqual(1)
    expect(calls.filter((batch, at) => String(batch) !== String(calls[at - 1]))).toEqual(batches)
  })

  it('gets a file once where the process is killed after that was noted', async () => {
    const text = `import { appendFileSync } from 'node:fs'
import { defineSink } from 'gantry'
export default defineSink({ name: 'files', batchSize: 0 }, (path) => appendFileSync('called.txt', '7\\n'))
`
    await writeFile(join(home, 'sink.ts'), text)
    const env = { GANTRY_CRASH_AT: 'load:batch-noted' }
    expect(await loadThroughKills(() => run('gantry-load', flags, home, { env }))).toBe(1)
    expect(await called()).toEqual([[7]])
  })

  it('stops at the next batch when it is told to, and goes on there', async () => {
    for (const stage of ['extract', 'normalize'] as const) {
      await run(`gantry-${stage}`, stage === 'extract' ? ['rows.jsonl', ...flags] : flags, home)
    }
    const stopped = await run('gantry-load', flags, home, {
      env: { SINK_DELAY: '200' },
      onStart(child) {
        void (async () => {
          while (!existsSync(join(home, 'called.txt'))) await new Promise((resolve) => setTimeout(resolve, 5))
          child.kill('SIGTERM')
        })()
      },
    })
    expect(stopped.code, stopped.stderr).toBe(75)
    expect(await called()).toEqual([[0, 1]])
    expect((await run('gantry-load', flags, home)).code).toBe(0)
    expect(await called()).toEqual(batches)
  })

  it('says what is wrong with a module that exports none', async () => {
    await mkdir(join(home, 'other'))
    await writeFile(join(home, 'other/sink.mjs'), 'export default () => undefined\n')
    const { code, stderr } = await run('gantry-extract', ['rows.jsonl', '--destination', './other/sink.mjs'], home)
    expect(code).toBe(2)
    expect(stderr).toContain('The default export of ./other/sink.mjs is no destination')
  })
})
