import { isMain, pipeline, resource, RESTClient } from 'gantry'

// Run twice, the rows of 02 would be there twice. `replace` puts the new ones in place of the old.
const github = new RESTClient({ baseUrl: process.env['GITHUB_API_URL'] ?? 'https://api.github.com' })

export const issues = resource({ name: 'issues', writeDisposition: 'replace' }, () =>
  github.getJson<object[]>('repos/dlt-hub/dlt/issues'),
)

const p = pipeline({ pipelineName: 'github_issues_replace', destination: 'duckdb', datasetName: 'github_data_replace' })
export default p

if (isMain(import.meta)) console.log(String(await p.run(issues)))
