import { createServer } from 'node:http'

/*
 * An API with a log of changes, in pages that are linked by `Link` headers; a program to be forked, which sends `{ url }`.
 *
 *   GET <url>/changes?count=1000&since=0&size=50&page=0
 *
 * lists changes `since` to `count` - 1, as `{ change, id, note }`, where 100 ids get changes by turns. Under `/flaky/` every
 * third request fails: 503, a connection that is reset, a body that is cut off. After a message `{ holdPage: 7 }`, page 7
 * gets no answer: `{ held: pid }` is sent, the value of the header `x-pid`.
 */

const note = 'n'.repeat(300)
let requests = 0
let failures = 0
let holdPage

const server = createServer((request, response) => {
  const url = new URL(request.url, `http://${request.headers.host}`)
  const number = (name) => Number(url.searchParams.get(name))
  const page = number('page')
  if (page === holdPage) return process.send({ held: Number(request.headers['x-pid']) })
  const since = number('since')
  const first = since + page * number('size')
  const end = Math.min(first + number('size'), number('count'))
  const changes = []
  for (let change = first; change < end; change++) changes.push({ change, id: change % 100, note })
  const body = JSON.stringify(changes)
  if (url.pathname.startsWith('/flaky/') && ++requests % 3 === 0) return fail(request, response, body)
  const headers = { 'content-type': 'application/json' }
  if (end < number('count')) {
    url.searchParams.set('page', page + 1)
    headers.link = `<${url}>; rel="next"`
  }
  response.writeHead(200, headers).end(body)
})

function fail(request, response, body) {
  const kind = failures++ % 3
  if (kind === 0) return response.writeHead(503, { 'retry-after': '0' }).end()
  if (kind === 1) return request.socket.resetAndDestroy()
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
  response.write(body.slice(0, body.length / 2), () => request.socket.destroy())
}

process.on('message', (message) => ({ holdPage } = message))
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }))
