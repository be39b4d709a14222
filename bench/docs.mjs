// npm run bench:docs [-- --check]: writes the measured figures of bench/results/ into docs/performance.md, between the
// comments that name a table, and the chart beside it. With --check it only says whether they are current.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { chartOf } from './chart.mjs'
import { benchFolder } from './processes.mjs'
import { tables } from './docs-tables.mjs'

const docs = join(benchFolder, '../docs')
const page = join(docs, 'performance.md')
const chart = join(docs, 'performance.svg')

const results = join(benchFolder, 'results')
const documents = readdirSync(results)
  .filter((name) => name.endsWith('.json'))
  .toSorted()
  .map((name) => JSON.parse(readFileSync(join(results, name), 'utf8')))

const written = readFileSync(page, 'utf8').replaceAll(
  /(<!-- measured: (\S+) -->\n)[^]*?(<!-- \/measured -->)/g,
  (_whole, begin, name, end) => `${begin}\n${tables[name](documents)}\n\n${end}`,
)
const current = {
  [page]: await format(written, { ...(await resolveConfig(page)), parser: 'markdown' }),
  [chart]: chartOf(documents[0]),
}
const isCheck = process.argv.includes('--check')
for (const [path, content] of Object.entries(current)) {
  if (isCheck && readFileSync(path, 'utf8') !== content) throw new Error(`${path} is not current: npm run bench:docs`)
  if (!isCheck) writeFileSync(path, content)
}
