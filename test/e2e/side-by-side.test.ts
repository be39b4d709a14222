import { readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pipeline, parseJson } from 'gantry'
import { query } from '../support/duckdb.mjs'
import { run, testFolder } from '../support/gantry.mjs'

it('extract and normalize on one folder at the same time lose nothing of the schema', async () => {
  const home = await testFolder('beside')
  const flags = ['--pipeline-name', 'beside', '--table', 't']
  await writeFile(join(home, 'first.jsonl'), '{"a":1}\n')
  await writeFile(join(home, 'second.jsonl'), '{"a":"7"}\n')
  await run('gantry', ['extract', 'first.jsonl', ...flags], home)
  // A slow extract has read the schema; meanwhile normalize finds out what `a` is.
  let normalized: Promise<unknown> = Promise.resolve()
  const slow = await run('gantry', ['extract', 'second.jsonl', '-', ...flags], home, {
    onStart(child) {
      const stdin = (child as unknown as { stdin: { write: (text: string) => void; end: () => void } }).stdin
      stdin.write('{"b":1}\n')
      setTimeout(() => {
        normalized = run('gantry', ['normalize', '--pipeline-name', 'beside'], home).then(() => stdin.end())
      }, 800)
    },
    keepInputOpen: true,
  })
  await normalized
  expect(slow.code, slow.stderr).toBe(0)
  await run('gantry', ['normalize', '--pipeline-name', 'beside'], home)
  const { code, stderr } = await run('gantry', ['load', '--pipeline-name', 'beside'], home)
  expect(code, stderr).toBe(0)
  expect(await query(join(home, 'beside.duckdb'), 'SELECT a, b FROM beside_dataset.t ORDER BY a NULLS LAST')).toEqual([
    ['1', null],
    ['7', null],
    [null, '1'],
  ])
})

it('standard input goes through all three stages', async () => {
  const home = await testFolder('stdin')
  const { code, stderr } = await run('gantry', ['run', '-', '--table', 'lines'], home, {
    input: '{"x":1}\n\n{"x":2}\n',
  })
  expect(code, stderr).toBe(0)
  expect(await query(join(home, 'gantry.duckdb'), 'SELECT sum(x) FROM gantry_dataset.lines')).toEqual([['3']])
})

it('rows come out of the library as they went in', async () => {
  const home = await testFolder('library')
  const p = pipeline({
    pipelineName: 'exact',
    pipelinesDir: home,
    destination: { type: 'duckdb', credentials: join(home, 'x.db') },
  })
  async function* rows(): AsyncGenerator {
    yield { id: 1, big: 2n ** 63n - 1n, at: new Date(1.7e12), bytes: new Uint8Array([1, 2]), list: [1] }
    yield [parseJson('{"id":2,"big":9007199254740993,"at":"2024-01-01T00:00:00.123456Z"}')]
  }
  const info = await p.run(rows(), { tableName: 't' })
  expect(String(info)).toContain('is LOADED and contains no failed jobs')
  const read: Record<string, unknown>[] = []
  for await (const row of p.dataset().table('t').rows({ exact: true })) read.push(row)
  read.sort((a, b) => Number(a['id']) - Number(b['id']))
  expect(read[0]).toMatchObject({
    id: 1,
    big: 2n ** 63n - 1n,
    at: '2023-11-14T22:13:20+00:00',
    bytes: new Uint8Array([1, 2]),
  })
  expect(read[1]).toMatchObject({ id: 2, big: 9007199254740993n, at: '2024-01-01T00:00:00.123456+00:00', bytes: null })
  expect(await p.run()).toBeNull()
  await expect(p.run({ id: 1 }, { tableName: 't' })).rejects.toThrow('Put it in a list')
  await expect(p.run([{ id: 1 }])).rejects.toMatchObject({ code: 'pipeline_step_failed', step: 'extract' })
})

it('an extract that waits for input ends at the first SIGTERM, and leaves nothing behind', async () => {
  const home = await testFolder('term')
  const started = performance.now()
  const { code } = await run('gantry', ['extract', '-', '--table', 't'], home, {
    keepInputOpen: true,
    onStart: (child) => void setTimeout(() => child.kill('SIGTERM'), 1500),
  })
  expect(code).toBe(75)
  expect(performance.now() - started).toBeLessThan(10_000)
  expect(await readdir(join(home, 'pipelines/gantry/normalize'))).toEqual(['.version'])
})

it('a row of 20 MB is loaded at default settings', async () => {
  const home = await testFolder('long')
  await writeFile(join(home, 'long.jsonl'), `{"id":1}\n{"id":2,"text":"${'x'.repeat(20_000_000)}"}\n`)
  const { code, stderr } = await run('gantry', ['run', 'long.jsonl'], home)
  expect(code, stderr).toBe(0)
  expect(await query(join(home, 'gantry.duckdb'), 'SELECT max(length(text)) FROM gantry_dataset.long')).toEqual([
    ['20000000'],
  ])
})

it('too little memory keeps the package, and the message names the setting', async () => {
  const home = await testFolder('memory')
  const row = Object.fromEntries(Array.from({ length: 200 }, (_, column) => [`c${column}`, 'x'.repeat(40)]))
  const rows = Array.from({ length: 4000 }, (_, id) => JSON.stringify({ id, ...row }))
  await writeFile(join(home, 'wide.jsonl'), rows.join('\n'))
  const little = await run('gantry', ['run', 'wide.jsonl'], home, {
    env: { DESTINATION__DUCKDB__MEMORY_LIMIT: '30MB' },
  })
  expect(little.code).toBe(1)
  expect(little.stderr).toContain('DESTINATION__DUCKDB__MEMORY_LIMIT')
  const enough = await run('gantry', ['load'], home)
  expect(enough.code, enough.stderr).toBe(0)
  expect(await query(join(home, 'gantry.duckdb'), 'SELECT count(*) FROM gantry_dataset.wide')).toEqual([['4000']])
})

it('a run that is killed before it stored its state still loads into the dataset it was given', async () => {
  const home = await testFolder('given')
  await writeFile(join(home, 'rows.jsonl'), '{"id":1}\n')
  const killed = await run('gantry', ['extract', 'rows.jsonl', '--dataset-name', 'elsewhere'], home, {
    env: { GANTRY_CRASH_AT: 'extract:state' },
  })
  expect(killed.signal).toBe('SIGKILL')
  expect((await run('gantry', ['normalize'], home)).code).toBe(0)
  const { code, stderr } = await run('gantry', ['load'], home)
  expect(code, stderr).toBe(0)
  expect(await query(join(home, 'gantry.duckdb'), 'SELECT id FROM elsewhere.rows')).toEqual([['1']])
})

it('a load process that is killed behind the last step of pending packages does not have the data taken again', async () => {
  const home = await testFolder('last-step')
  await writeFile(join(home, 'rows.jsonl'), '{"id":1}\n')
  for (const stage of [['extract', 'rows.jsonl'], ['normalize']])
    expect((await run('gantry', stage, home)).code).toBe(0)
  const { code, stdout, stderr } = await run('gantry', ['run', 'rows.jsonl', '--json'], home, {
    env: { GANTRY_CRASH_AT: 'load:done' },
  })
  expect(code, stderr).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ skipped: true })
  expect(await query(join(home, 'gantry.duckdb'), 'SELECT id FROM gantry_dataset.rows')).toEqual([['1']])
})

it('a clock that went back gives no load id behind those that are loaded', async () => {
  const home = await testFolder('clock')
  await writeFile(join(home, 'rows.jsonl'), '{"id":1}\n')
  expect((await run('gantry', ['run', 'rows.jsonl'], home)).code).toBe(0)
  const loaded = join(home, 'pipelines/gantry/load/loaded')
  const [first] = await readdir(loaded)
  const future = String(Number(first) + 1e6)
  await rename(join(loaded, first as string), join(loaded, future))
  expect((await run('gantry', ['run', 'rows.jsonl'], home)).code).toBe(0)
  const [, second] = (await readdir(loaded)).toSorted()
  expect(Number(second)).toBeGreaterThan(Number(future))
})
