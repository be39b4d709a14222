// node json-parse.mjs <file>: `JSON.parse` of each line, the least that reading JSON lines can cost in this language.
import { createReadStream } from 'node:fs'

let rows = 0
let rest = ''
for await (const text of createReadStream(process.argv[2], { encoding: 'utf8', highWaterMark: 1 << 19 })) {
  let start = 0
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    JSON.parse(rest + text.slice(start, end))
    rows++
    rest = ''
    start = end + 1
  }
  rest += text.slice(start)
}
console.log(rows)
