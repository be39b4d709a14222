import { incremental, isMain, paginate, pipeline, resource } from 'gantry'

// The same, with the walk through the pages left to `paginate`, which follows the API's Link headers.
const api = process.env['GITHUB_API_URL'] ?? 'https://api.github.com'

export const issues = resource(
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

const p = pipeline({ pipelineName: 'github_issues_pages', destination: 'duckdb', datasetName: 'github_data_pages' })
export default p

if (isMain(import.meta)) console.log(String(await p.run(issues)))
