import { incremental, isMain, pipeline, resource, RESTClient } from 'gantry'

// Issues change. Those that have since the last run replace the rows with the same id, new ones are added.
const github = new RESTClient({ baseUrl: process.env['GITHUB_API_URL'] ?? 'https://api.github.com' })

export const issues = resource(
  {
    name: 'issues',
    writeDisposition: 'merge',
    primaryKey: 'id',
    incremental: incremental('updated_at', { initialValue: '1970-01-01T00:00:00Z' }),
  },
  async function* ({ cursor }) {
    const params = { since: cursor.lastValue, per_page: 100, sort: 'updated', direction: 'desc', state: 'open' }
    for (let page = 1; ; page++) {
      const rows = await github.getJson<object[]>('repos/dlt-hub/dlt/issues', { params: { ...params, page } })
      if (rows.length === 0) return
      yield rows
    }
  },
)

const p = pipeline({ pipelineName: 'github_issues_merge', destination: 'duckdb', datasetName: 'github_data_merge' })
export default p

if (isMain(import.meta)) console.log(String(await p.run(issues)))
