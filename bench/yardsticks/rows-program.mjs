// gantry run rows-program.mjs: the rows of $BENCH_FILE as a program makes them, in pages, into table $BENCH_TABLE.
import { createReadStream } from 'node:fs'
import { resource } from 'gantry'

const { BENCH_FILE: path, BENCH_TABLE: name } = process.env
const rowsPerPage = 5000

export default resource({ name }, async function* () {
  let page = []
  let rest = ''
  for await (const text of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 19 })) {
    const lines = (rest + text).split('\n')
    rest = lines.pop()
    for (const line of lines) page.push(JSON.parse(line))
    if (page.length < rowsPerPage) continue
    yield page
    page = []
  }
  yield page
})
