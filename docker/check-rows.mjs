// node docker/check-rows.mjs <database> <dataset>: whether the dataset is what dlt makes of
// examples/github-events/github_events.json: tables, columns, types, rows and links.
import { differencesFromDlt } from '../test/support/github-events.mjs'

const [database, dataset] = process.argv.slice(2)
const differences = await differencesFromDlt(database, dataset)
for (const difference of differences) console.error(difference)
process.exitCode = differences.length === 0 ? 0 : 1
