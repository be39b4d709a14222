import { isMain, pipeline, resource } from 'gantry'

// A list of rows, into a table.
const data = [
  { id: 1, name: 'Alice' },
  { id: 2, name: 'Bob' },
]

export const users = resource({ name: 'users' }, data)

const p = pipeline({ pipelineName: 'quick_start', destination: 'duckdb', datasetName: 'mydata' })
export default p

if (isMain(import.meta)) {
  console.log(String(await p.run(users)))
  for await (const row of p.dataset().table('users').rows()) console.log(row)
}
