import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  destinations,
  HttpClient,
  paginate,
  pipeline,
  PipelineStepFailed,
  resource,
  restApi,
  type Pipeline,
} from 'gantry'
import { query } from '../support/duckdb.mjs'
import { root, runNode, testFolder } from '../support/gantry.mjs'

let home: string
let server: Server
let url: string
/** Paths that were asked for. */
let asked: string[]
let count = 0
let events: { id: number; at: number }[] = []

/*
 * Two repositories, in pages of one; issues of each, in pages of two; every third request fails. `/numbers` has
 * integers beyond 2^53, `/many` ten thousand pages.
 */
beforeAll(async () => {
  home = await testFolder('rest-api')
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    asked.push(request.url ?? '')
    const send = (body: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(200, { 'content-type': 'application/json', ...headers })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    }
    if (pathname === '/many') {
      const page = Number(searchParams.get('page'))
      send({ data: [{ id: page, text: 'x'.repeat(500) }], total: 10_000 })
      return
    }
    if (++count % 3 === 0) {
      response.writeHead(count % 2 === 0 ? 503 : 429, { 'retry-after': '0' }).end()
      return
    }
    if (request.headers.authorization !== 'Bearer t0ken') response.writeHead(401).end()
    else if (pathname === '/repos') {
      const page = Number(searchParams.get('page') ?? 1)
      const next = page < 2 ? { link: `<${url}/repos?page=2>; rel="next"` } : {}
      send([{ id: page, full_name: `org/r${page}`, stars: page === 1 ? '1' : 2.5 }], next)
    } else if (pathname === '/events') send(events.filter((event) => event.at >= Number(searchParams.get('since'))))
    else if (pathname === '/labels') send({ items: [{ name: 'bug' }, { name: 'doc' }] })
    else if (pathname === '/numbers')
      send('{"data": [{"id": 9007199254740993, "big": 123456789012345678901234567890, "one": 1.0}]}')
    else {
      const repo = /^\/repos\/org\/r(\d)\/issues$/.exec(pathname)?.[1]
      const offset = Number(searchParams.get('offset'))
      const issues = Array.from({ length: 5 }, (_, index) => ({ number: index, labels: [{ name: `l${repo}` }] }))
      if (repo === undefined) response.writeHead(404).end('{}')
      else send({ data: issues.slice(offset, offset + Number(searchParams.get('limit'))), total: 5 })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  asked = []
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function open(pipelineName: string): Pipeline {
  const destination = destinations.duckdb(join(home, `${pipelineName}.duckdb`))
  return pipeline({ pipelineName, pipelinesDir: home, destination, datasetName: 'ds' })
}

const sql = (name: string, statement: string) => query(join(home, `${name}.duckdb`), statement)

describe('a REST source', () => {
  it('loads resources and a dependent one, over an API of which every third request fails', async () => {
    const github = restApi(
      {
        client: {
          baseUrl: url,
          auth: { type: 'bearer', token: 't0ken' },
          session: new HttpClient({ requestBackoffFactor: 0 }),
        },
        resourceDefaults: { primaryKey: 'id', writeDisposition: 'merge' },
        resources: [
          'repos',
          { name: 'labels', primaryKey: 'name' },
          {
            name: 'issues',
            primaryKey: ['_repos_id', 'number'],
            includeFromParent: ['id'],
            endpoint: { path: 'repos/{resources.repos.full_name}/issues', paginator: { type: 'offset', limit: 2 } },
          },
        ],
      },
      { name: 'github' },
    )
    for (let run = 0; run < 2; run++) {
      const info = await open('github').run(github)
      expect(info?.loadPackages).toHaveLength(1)
      expect(await sql('github', 'SELECT id, full_name FROM ds.repos ORDER BY id')).toEqual([
        ['1', 'org/r1'],
        ['2', 'org/r2'],
      ])
      expect(await sql('github', 'SELECT count(*) FROM ds.labels')).toEqual([['2']])
      expect(
        await sql(
          'github',
          'SELECT _repos_id, count(*), min(number), max(number) FROM ds.issues GROUP BY 1 ORDER BY 1',
        ),
      ).toEqual([
        ['1', '5', '0', '4'],
        ['2', '5', '0', '4'],
      ])
      expect(await sql('github', 'SELECT DISTINCT name FROM ds.issues__labels ORDER BY 1')).toEqual([['l1'], ['l2']])
    }
    const [[schema]] = (await sql('github', 'SELECT schema FROM ds._dlt_version')) as [[string]]
    expect(JSON.parse(schema)).toMatchObject({ name: 'github', tables: { issues: { resource: 'issues' } } })
  })

  it('keeps integers of any size', async () => {
    const headers = { authorization: 'Bearer t0ken' }
    await open('numbers').run(resource({ name: 'numbers' }, () => paginate(`${url}/numbers`, { headers })))
    expect(await sql('numbers', 'SELECT id, big::text, one, typeof(one) FROM ds.numbers')).toEqual([
      ['9007199254740993', '123456789012345678901234567890', 1, 'DOUBLE'],
    ])
  })

  it('asks for what is new since its last run', async () => {
    const source = restApi({
      client: {
        baseUrl: url,
        auth: { type: 'bearer', token: 't0ken' },
        session: new HttpClient({ requestBackoffFactor: 0 }),
      },
      resources: [
        { name: 'events', endpoint: { incremental: { cursorPath: 'at', initialValue: 1, startParam: 'since' } } },
      ],
    })
    asked = []
    events = [
      { id: 1, at: 1 },
      { id: 2, at: 2 },
    ]
    await open('events').run(source)
    events.push({ id: 3, at: 2 }, { id: 4, at: 3 })
    await open('events').run(source)
    expect(await sql('events', 'SELECT id FROM ds.events ORDER BY id')).toEqual([['1'], ['2'], ['3'], ['4']])
    expect([...new Set(asked)]).toEqual(['/events?since=1', '/events?since=2'])
  })

  it('that fails leaves nothing, and the error names resource and URL, not the token', async () => {
    const source = restApi({
      client: { baseUrl: url, auth: { type: 'bearer', token: 't0ken' } },
      resources: ['labels', { name: 'none', endpoint: 'none?api_key=s3cret' }],
    })
    const failure = await open('failing')
      .run(source)
      .catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(PipelineStepFailed)
    expect(String(failure)).toContain(`404 Client Error: Not Found for url: ${url}/none?api_key=***`)
    expect(String(failure)).not.toMatch(/s3cret|t0ken/)
  })
})

it('memory stays flat over ten thousand pages', { timeout: 300_000 }, async () => {
  await mkdir(join(root, '.gantry-data'), { recursive: true })
  // Inside the checkout, so that the program finds its packages.
  const program = join(root, '.gantry-data', `pages-${process.pid}.mjs`)
  await writeFile(
    program,
    `import { setTimeout } from 'node:timers/promises'
import { PageNumberPaginator, paginate } from 'gantry'
const signal = new AbortController().signal
const heaps = []
let pages = 0
for await (const page of paginate('${url}/many', { paginator: new PageNumberPaginator(), signal })) {
  if (++pages % 2000 > 0) continue
  // What waits to be finalized goes in between.
  for (let round = 0; round < 4; round++) {
    gc()
    await setTimeout(20)
  }
  heaps.push(process.memoryUsage().heapUsed)
}
console.log(JSON.stringify({ pages, grownBytes: Math.min(...heaps.slice(-2)) - heaps[0] }))
`,
  )
  const { code, stdout, stderr } = await runNode(['--expose-gc', program], root)
  expect(code, stderr).toBe(0)
  const { pages, grownBytes } = JSON.parse(stdout) as { pages: number; grownBytes: number }
  expect(pages).toBe(10_000)
  // Less than a hundred bytes a page: neither pages nor listeners nor timers are kept.
  expect(grownBytes).toBeLessThan(800_000)
  await rm(program)
})
