// node json-parse-warm.mjs <file>: the same again and again.
import { runPasses } from '../passes.mjs'
import { parseLines } from './parse-lines.mjs'

await runPasses(() => parseLines(process.argv[2]))
