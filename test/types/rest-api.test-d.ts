import {
  BasePaginator,
  HttpBasicAuth,
  JsonLinkPaginator,
  paginate,
  pipeline,
  resource,
  restApi,
  RESTClient,
  type ApiResponse,
  type Auth,
  type Page,
} from 'gantry'

/*
 * What the compiler says to clients and descriptions of REST APIs. Nothing here runs, see `typed-rows.test-d.ts`.
 */

interface Issue {
  readonly id: number
  readonly title: string
}

// Rows are records until a type says more.
for await (const page of paginate('https://x.test/issues')) {
  const rows: readonly Record<string, unknown>[] = page
  void rows
  void page.response.status
}
for await (const page of new RESTClient({ baseUrl: 'https://x.test' }).paginate<Issue>('issues')) {
  const titles: string[] = page.map((issue) => issue.title)
  void titles
  const typed: Page<Issue> = page
  void typed
  // @ts-expect-error an issue has none
  void page[0]?.body
}

// Pages are rows of a resource.
void pipeline().run(resource({ name: 'issues' }, () => paginate<Issue>('https://x.test/issues')))

void new RESTClient({
  baseUrl: 'https://x.test',
  auth: new HttpBasicAuth({ username: 'u', password: 'p' }),
  paginator: new JsonLinkPaginator({ nextUrlPath: 'next' }),
})
// @ts-expect-error no base
void new RESTClient({})
// @ts-expect-error a misspelled option
void new JsonLinkPaginator({ nextUrl: 'next' })
// @ts-expect-error a client takes an object for auth
void new RESTClient({ baseUrl: 'https://x.test', auth: 'bearer' })

// Own paginators and auths.
class Every extends BasePaginator {
  updateState(response: ApiResponse, rows: readonly unknown[]): void {
    this.hasNextPage = rows.length > 0 && response.ok
  }
  updateRequest(): void {}
}
const own: Auth = { apply: (request) => request.setSecretHeader('x-key', 'k') }
void paginate('https://x.test', { paginator: new Every(), auth: own })

void restApi(
  {
    client: { baseUrl: 'https://x.test', auth: { type: 'http_basic', username: 'u' }, paginator: 'header_link' },
    resourceDefaults: { primaryKey: 'id', endpoint: { params: { per_page: 100 } } },
    resources: [
      'users',
      {
        name: 'posts',
        writeDisposition: { disposition: 'merge', strategy: 'upsert' },
        endpoint: {
          path: 'users/{resources.users.id}/posts',
          paginator: { type: 'offset', limit: 100 },
          responseActions: [{ statusCode: 404, action: 'ignore' }, (response) => void response.text],
        },
        includeFromParent: ['name'],
        processingSteps: [{ filter: (row) => row['id'] !== 1 }],
      },
      resource({ name: 'other' }, []),
    ],
  },
  { name: 'blog', maxTableNesting: 2 },
)
// @ts-expect-error the base URL is missing
void restApi({ client: {}, resources: [] })
// @ts-expect-error a resource has a name
void restApi({ client: { baseUrl: 'https://x.test' }, resources: [{ endpoint: 'a' }] })
// @ts-expect-error a misspelled hint
void restApi({ client: { baseUrl: 'https://x.test' }, resources: [{ name: 'a', primary_key: 'id' }] })
