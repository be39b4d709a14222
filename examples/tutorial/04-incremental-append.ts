import { incremental, isMain, paginate, pipeline, resource } from 'gantry'

// Only issues that were created since the last run. They come newest first, so the first old one ends it.
const api = process.env['GITHUB_API_URL'] ?? 'https://api.github.com'

export const issues = resource(
  {
    name: 'issues',
    incremental: incremental('created_at', { initialValue: '1970-01-01T00:00:00Z' }),
  },
  async function* ({ cursor }) {
    const params = { per_page: 100, sort: 'created', direction: 'desc', state: 'open' }
    for await (const page of paginate(`${api}/repos/dlt-hub/dlt/issues`, { params })) {
      yield page
      if (cursor.startOutOfRange) return
    }
  },
)

const p = pipeline({
  pipelineName: 'github_issues_incremental',
  destination: 'duckdb',
  datasetName: 'github_data_append',
})
export default p

if (isMain(import.meta)) console.log(String(await p.run(issues)))
