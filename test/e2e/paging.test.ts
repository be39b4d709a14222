import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { query } from '../support/duckdb.mjs'
import { root, run, testFolder, type Ended } from '../support/gantry.mjs'

/*
 * Pages of an API, read by a user's module in the processes of the commands. The sizes are those of a quick run;
 * `GANTRY_EXTREMES=full` takes the real ones.
 */

const isFull = process.env['GANTRY_EXTREMES'] === 'full'

interface Said {
  readonly url?: string
  readonly held?: number
}

let server: ChildProcess
let url: string
beforeAll(async () => {
  server = fork(join(root, 'test/support/change-log-api.mjs'))
  url = (await answer()).url ?? ''
})
afterAll(() => server.kill())

let home: string
beforeEach(async () => {
  home = await testFolder('paging')
  await symlink(join(root, 'node_modules'), join(home, 'node_modules'))
  await writeFile(
    join(home, 'log.mjs'),
    `import { writeFileSync } from 'node:fs'
import { incremental, paginate, resource } from 'gantry'
const { API_URL, COUNT, PAGE_SIZE, DISPOSITION } = process.env
export default resource(
  {
    name: 'changes',
    primaryKey: 'id',
    writeDisposition: DISPOSITION,
    columns: { change: { dedupSort: 'desc' } },
    incremental: incremental('change', { initialValue: 0 }),
  },
  ({ cursor }) => {
    writeFileSync('since.txt', String(cursor.startValue))
    const params = { count: COUNT, since: cursor.startValue, size: PAGE_SIZE, page: 0 }
    return paginate(API_URL, { params, headers: { 'x-pid': String(process.pid) } })
  },
)
process.on('exit', () => writeFileSync('rss.txt', String(process.resourceUsage().maxRSS)))
`,
  )
})

interface Log {
  readonly count: number
  readonly size?: number
  readonly disposition?: 'append' | 'merge'
  readonly path?: string
  readonly onStart?: () => void
}

async function gantry(
  command: 'run' | 'extract',
  { count, size = 50, disposition = 'append', path = '/changes', onStart = () => undefined }: Log,
): Promise<Ended> {
  const env = {
    API_URL: url + path,
    COUNT: String(count),
    PAGE_SIZE: String(size),
    DISPOSITION: disposition,
    RUNTIME__REQUEST_BACKOFF_FACTOR: '0',
    // Garbage does not wait to be collected.
    NODE_OPTIONS: '--max-semi-space-size=1',
  }
  return run('gantry', [command, 'log.mjs'], home, { env, onStart })
}

async function answer(): Promise<Said> {
  return ((await once(server, 'message')) as [Said])[0]
}

const ask = (sql: string): Promise<unknown[][]> => query(join(home, 'log.duckdb'), sql)

/** Rows, different changes, and their sum. */
const all = 'SELECT count(*), count(DISTINCT change), sum(change) FROM log_dataset.changes'
const of = (count: number): unknown[][] => [[count, count, (count * (count - 1)) / 2].map(String)]

const [fewPages, manyPages] = isFull ? [1000, 10_000] : [400, 1200]

it(`memory stays flat from ${fewPages} to ${manyPages} pages of an extract`, { timeout: 600_000 }, async () => {
  const peakMb: number[] = []
  for (const pages of [fewPages, manyPages]) {
    const { code, stderr } = await gantry('extract', { count: pages * 100, size: 100 })
    expect(code, stderr).toBe(0)
    peakMb.push(Number(readFileSync(join(home, 'rss.txt'), 'utf8')) / 1024)
  }
  const [few = 0, many = 0] = peakMb
  if (isFull) console.log(`${fewPages} pages: ${few.toFixed()} MB; ${manyPages} pages: ${many.toFixed()} MB`)
  // A page has 33 kB, so that those in between would take more.
  expect(many - few).toBeLessThan(20)
})

it('nothing is lost where every third request fails', async () => {
  const { code, stderr } = await gantry('run', { count: 10_000, path: '/flaky/changes' })
  expect(code, stderr).toBe(0)
  expect(await ask(all)).toEqual(of(10_000))
})

it.each(['append', 'merge'] as const)(
  'extracts that are killed between pages leave nothing; then each row is there as %s promises',
  async (disposition) => {
    const before = 150
    const count = before - 1 + 200 * 50
    expect((await gantry('run', { count: before, disposition })).code).toBe(0)
    for (const page of isFull ? [0, 1, 75, 199] : [0, 75]) {
      server.send({ holdPage: page })
      const killed = await gantry('run', {
        count,
        disposition,
        onStart: () => void answer().then(({ held }) => process.kill(held ?? 0, 'SIGKILL')),
      })
      expect(killed.code, killed.stderr).toBe(75)
      expect(readdirSync(join(home, 'pipelines/log/normalize/extracted'))).toEqual([])
      expect(readFileSync(join(home, 'since.txt'), 'utf8')).toBe(String(before - 1))
    }
    server.send({})
    const { code, stderr } = await gantry('run', { count, disposition })
    expect(code, stderr).toBe(0)
    expect(readFileSync(join(home, 'since.txt'), 'utf8')).toBe(String(before - 1))
    if (disposition === 'append') expect(await ask(all)).toEqual(of(count))
    else {
      const newest = 'SELECT count(*), count(DISTINCT id), min(change), max(change) FROM log_dataset.changes'
      expect(await ask(newest)).toEqual([['100', '100', String(count - 100), String(count - 1)]])
    }
    expect(await ask('SELECT count(*), sum(status) FROM log_dataset._dlt_loads')).toEqual([['2', '0']])
  },
)
