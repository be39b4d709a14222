// node json-parse.mjs <file>: `JSON.parse` of each line, the least that reading JSON lines can cost in this language.
import { parseLines } from './parse-lines.mjs'

console.log(await parseLines(process.argv[2]))
