import { incremental, isMain, paginate, pipeline, resource, source } from 'gantry'

// Two resources that belong together: a source, whose tables share a schema.
const api = process.env['GITHUB_API_URL'] ?? 'https://api.github.com'

const issues = resource(
  {
    name: 'issues',
    writeDisposition: 'merge',
    primaryKey: 'id',
    incremental: incremental('updated_at', { initialValue: '1970-01-01T00:00:00Z' }),
  },
  ({ cursor }) =>
    paginate(`${api}/repos/dlt-hub/dlt/issues`, {
      params: { since: cursor.lastValue, per_page: 100, sort: 'updated', direction: 'desc', state: 'open' },
    }),
)

const events = resource(
  {
    name: 'events',
    primaryKey: 'id',
    incremental: incremental('created_at', { initialValue: '1970-01-01T00:00:00Z', rowOrder: 'desc' }),
  },
  () => paginate(`${api}/repos/dlt-hub/dlt/issues/events`, { params: { per_page: 100 } }),
)

export const github = source({ name: 'github' }, () => [issues, events])

const p = pipeline({ pipelineName: 'github_with_source', destination: 'duckdb', datasetName: 'github_data_source' })
export default p

if (isMain(import.meta)) console.log(String(await p.run(github)))
