import { isMain, paginate, pipeline, resource, source } from 'gantry'

// Resources that differ in their endpoint only are made in a loop.
const api = process.env['GITHUB_API_URL'] ?? 'https://api.github.com'
const endpoints = { issues: 'issues', events: 'issues/events' }

export const github = source({ name: 'github' }, function* () {
  for (const [name, path] of Object.entries(endpoints)) {
    yield resource({ name, writeDisposition: 'merge', primaryKey: 'id' }, () =>
      paginate(`${api}/repos/dlt-hub/dlt/${path}`, { params: { per_page: 100 } }),
    )
  }
})

const p = pipeline({ pipelineName: 'github_dynamic_source', destination: 'duckdb', datasetName: 'github_data_dynamic' })
export default p

if (isMain(import.meta)) console.log(String(await p.run(github)))
