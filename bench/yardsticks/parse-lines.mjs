import { createReadStream } from 'node:fs'

/** Makes values of each line of a file. @returns how many there were */
export async function parseLines(path) {
  let rows = 0
  let rest = ''
  for await (const text of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 19 })) {
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      JSON.parse(rest + text.slice(start, end))
      rows++
      rest = ''
      start = end + 1
    }
    rest += text.slice(start)
  }
  return rows
}
