import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { root } from './gantry.mjs'

/*
 * Answers as GitHub's REST API does, out of the hundred issue events of the example and the issues in them
 * (https://docs.github.com/en/rest/issues): pages with Link headers, `since`, `state`, `sort` and `direction`, 401
 * without the token, limits with their headers. Tests can have it change data and go wrong.
 */

/** GitHub's events are listed by id, newest first. */
export function readReplayData() {
  const events = JSON.parse(readFileSync(join(root, 'examples/github-events/github_events.json'), 'utf8'))
  const issues = new Map(events.map(({ issue }) => [issue.number, structuredClone(issue)]))
  return { events: events.map((event) => structuredClone(event)), issues: [...issues.values()] }
}

/**
 * Starts a server on a free port.
 *
 * @param options  `token` that requests must bear; `maxPerPage` rows of a page, whatever is asked for; `fault(number)`
 *   says what becomes of the nth request: undefined, a status, `slow`, `reset` or `broken`
 */
export async function startGithubReplay({ token, maxPerPage = 100, fault = () => undefined } = {}) {
  const data = readReplayData()
  const requests = []
  const server = createServer((request, response) => {
    const url = new URL(request.url, `http://${request.headers.host}`)
    requests.push(`${url.pathname}${url.search}`)
    const wrong = fault(requests.length)
    if (wrong === 'reset') request.socket.destroy()
    else if (wrong === 'slow') setTimeout(() => answer(request, response, url), 300)
    else if (wrong === 'broken') breakOff(response)
    else if (typeof wrong === 'number') refuse(response, wrong)
    else answer(request, response, url)
  })

  function answer(request, response, url) {
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      send(response, 401, { message: 'Requires authentication', status: '401' })
      return
    }
    const rows = rowsOf(url)
    if (rows === undefined) {
      send(response, 404, { message: 'Not Found', status: '404' })
      return
    }
    const perPage = Math.min(Number(url.searchParams.get('per_page') ?? 30), maxPerPage)
    const page = Number(url.searchParams.get('page') ?? 1)
    const last = Math.max(1, Math.ceil(rows.length / perPage))
    send(response, 200, rows.slice((page - 1) * perPage, page * perPage), { link: links(url, page, last) })
  }

  function rowsOf({ pathname, searchParams }) {
    if (/^\/repos\/[^/]+\/[^/]+\/issues\/events$/.test(pathname)) return data.events
    if (/^\/repos\/[^/]+\/[^/]+\/issues$/.test(pathname)) return issuesOf(searchParams)
    return undefined
  }

  function issuesOf(params) {
    const state = params.get('state') ?? 'open'
    const since = params.get('since')
    const sort = params.get('sort') === 'updated' ? 'updated_at' : 'created_at'
    const sign = params.get('direction') === 'asc' ? 1 : -1
    return data.issues
      .filter((issue) => state === 'all' || issue.state === state)
      .filter((issue) => since === null || Date.parse(issue.updated_at) >= Date.parse(since))
      .toSorted((a, b) => sign * (Date.parse(a[sort]) - Date.parse(b[sort]) || a.number - b.number))
  }

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    issues: () => data.issues,
    events: () => data.events,
    /** Adds an issue, or changes the one of that number. */
    putIssue(issue) {
      const known = data.issues.find(({ number }) => number === issue.number)
      if (known !== undefined) Object.assign(known, issue)
      else data.issues.push({ ...structuredClone(data.issues[0]), ...issue })
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  }
}

function links(url, page, last) {
  const to = (number, rel) => {
    const target = new URL(url)
    target.searchParams.set('page', String(number))
    return `<${target}>; rel="${rel}"`
  }
  return [
    ...(page > 1 ? [to(page - 1, 'prev')] : []),
    ...(page < last ? [to(page + 1, 'next'), to(last, 'last')] : []),
    ...(page > 1 ? [to(1, 'first')] : []),
  ].join(', ')
}

function send(response, status, body, headers = {}) {
  const sent = Object.entries(headers).filter(([, value]) => value !== '')
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...Object.fromEntries(sent) })
  response.end(JSON.stringify(body))
}

/** GitHub's limits come as 403 or 429. */
function refuse(response, status) {
  const isLimit = status === 403 || status === 429
  const limits = {
    'x-ratelimit-limit': '60',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': nextSecond(),
    'retry-after': '1',
  }
  send(response, status, { message: isLimit ? 'API rate limit exceeded' : 'Server Error' }, isLimit ? limits : {})
}

function nextSecond() {
  return String(Math.ceil(Date.now() / 1000) + 1)
}

/** Half an answer, and the connection is gone. */
function breakOff(response) {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
  response.write('[{"id":1,')
  setTimeout(() => response.destroy(), 10)
}
