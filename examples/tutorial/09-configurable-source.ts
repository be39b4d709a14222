import { BearerTokenAuth, config, isMain, pipeline, resource, RESTClient, secrets, source } from 'gantry'

// A token out of .dlt/secrets.toml or the environment, and a repository out of .dlt/config.toml: the same source for
// everyone. `[sources.github] access_token = "…"`, or SOURCES__GITHUB__ACCESS_TOKEN.
const baseUrl = process.env['GITHUB_API_URL'] ?? 'https://api.github.com'
const endpoints = { issues: 'issues', events: 'issues/events' }

export const github = source(
  {
    name: 'github',
    config: { accessToken: secrets.value(), repoName: config.value() },
  },
  function* ({ config: { accessToken, repoName } }) {
    const client = new RESTClient({ baseUrl, auth: new BearerTokenAuth({ token: accessToken }) })
    for (const [name, path] of Object.entries(endpoints)) {
      yield resource({ name, writeDisposition: 'merge', primaryKey: 'id' }, () =>
        client.paginate(`repos/dlt-hub/${repoName}/${path}`, { params: { per_page: 100 } }),
      )
    }
  },
)

const p = pipeline({
  pipelineName: 'github_configurable_source',
  destination: 'duckdb',
  datasetName: 'github_data_configurable',
})
export default p

if (isMain(import.meta)) console.log(String(await p.run(github)))
