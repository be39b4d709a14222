import { LoadFileMalformed } from '../errors.ts'
import { readFile } from './open-file.ts'

/**
 * Names of the columns of a CSV file with commas: its first record. An empty line names none.
 *
 * @throws {LoadFileMalformed} the file is empty, or cut off within its header
 */
export async function readCsvHeader(path: string): Promise<readonly string[]> {
  let start = Buffer.alloc(0)
  for await (const piece of readFile(path)) {
    start = Buffer.concat([start, piece])
    // A piece may end within a character, but never within one of the header's own.
    const names = tryParseHeader(start.toString('utf8'))
    if (names !== undefined) return names
  }
  throw new LoadFileMalformed(
    `${path} has no complete header line. It is empty or cut off: normalize its package again.`,
    { path },
  )
}

/** Undefined where the text ends before its first record does. */
function tryParseHeader(text: string): string[] | undefined {
  const names: string[] = []
  let name = ''
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    if (isQuoted) {
      if (character !== '"') name += character
      else if (text.charAt(at + 1) === '"') {
        name += '"'
        at++
      } else isQuoted = false
    } else if (character === '"') isQuoted = true
    else if (character === ',' || character === '\n') {
      names.push(name)
      name = ''
      if (character === '\n') return at === 0 ? [] : names
    } else if (character !== '\r') name += character
  }
  return undefined
}
