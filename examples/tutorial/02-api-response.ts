import { isMain, pipeline, resource, RESTClient } from 'gantry'

// The answer of an API, as it is: nested objects become columns, lists become tables of their own.
const github = new RESTClient({ baseUrl: process.env['GITHUB_API_URL'] ?? 'https://api.github.com' })

export const issues = resource({ name: 'issues' }, () => github.getJson<object[]>('repos/dlt-hub/dlt/issues'))

const p = pipeline({ pipelineName: 'github_issues', destination: 'duckdb', datasetName: 'github_data' })
export default p

if (isMain(import.meta)) console.log(String(await p.run(issues)))
