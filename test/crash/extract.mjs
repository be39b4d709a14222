// node extract.mjs <number of the load>: a program that extracts tables of all write dispositions, as a user would write it.
import { pipeline, resource } from 'gantry'
import { tablesOf } from './data.mjs'

const resources = tablesOf(Number(process.argv[2])).map(({ name, hints, rows }) => resource({ name, ...hints }, rows))
const destination = process.env['DESTINATION_TYPE'] ?? 'duckdb'
try {
  await pipeline({ pipelineName: 'crash', destination }).extract(resources)
} catch (error) {
  console.error(String(error))
  process.exitCode = error.exitCode
}
