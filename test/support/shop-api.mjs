import { createServer } from 'node:http'

const products = ['tea', 'mug', 'spoon', 'pot', 'tray'].map((name, index) => ({
  id: index + 1,
  name,
  price: index === 1 ? '8.50' : `${index + 2}.00`,
}))

/** Product 3 has no page of reviews; the others have as many reviews as their number. */
const reviewsOf = (id) =>
  Array.from({ length: id }, (_, index) => ({ id: `${id}-${index + 1}`, stars: 5 - (index % 3) }))

/**
 * The API of `docs/rest-api.md`: products by `Link` header, two a page; reviews of a product by cursor; orders only with
 * the token `t0ken`; each path says once that it is busy.
 */
export async function serveShop() {
  const busy = new Set()
  const server = createServer((request, response) => {
    const url = new URL(request.url, `http://${request.headers.host}`)
    const send = (status, body, headers = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    if (!busy.has(url.pathname)) {
      busy.add(url.pathname)
      send(429, { error: 'busy' }, { 'retry-after': '0' })
      return
    }
    const [, id] = /^\/products\/(\d+)\/reviews$/.exec(url.pathname) ?? []
    if (url.pathname === '/products') {
      const page = Number(url.searchParams.get('page') ?? 1)
      const next = page < 3 ? { link: `<${url.origin}/products?page=${page + 1}>; rel="next"` } : {}
      send(200, products.slice(page * 2 - 2, page * 2), next)
    } else if (id === '3') send(404, { error: 'no reviews' })
    else if (id !== undefined) {
      const after = Number(url.searchParams.get('after') ?? 0)
      const reviews = reviewsOf(Number(id))
      const more = after + 2 < reviews.length ? { meta: { after: after + 2 } } : { meta: {} }
      send(200, { reviews: reviews.slice(after, after + 2), ...more })
    } else if (request.headers.authorization !== 'Bearer t0ken') send(401, { error: 'who are you?' })
    else {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end('{"orders": [{"id": 9007199254740993, "total": 12.0}]}')
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://127.0.0.1:${server.address().port}`, close }
}
