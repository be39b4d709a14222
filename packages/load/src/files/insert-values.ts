import { TerminalError } from '@gantry/common'
import { LoadFileMalformed } from '../errors.ts'
import { readFile } from './open-file.ts'

/*
 * Files of format insert_values hold one statement: `INSERT INTO {}("a","b")`, `VALUES`, a line for each row, `;`. The
 * statement may be far larger than an engine takes, so that it is read in parts which end between two rows.
 */

/** Some rows of an insert_values file. */
export interface InsertValues {
  /** Names of the file's columns. */
  readonly columns: readonly string[]
  /** `(1,E'x'),(2,NULL)` */
  readonly rows: string
}

/**
 * Reads an insert_values file, gzipped or not, in parts of some `partBytes`, longer by up to a row.
 *
 * @throws {LoadFileMalformed} it is no such file, or is cut off
 */
export async function* readInsertValues(path: string, partBytes: number): AsyncGenerator<InsertValues> {
  try {
    yield* readParts(path, partBytes)
  } catch (error) {
    if (error instanceof TerminalError) throw error
    throw malformed(path, `cannot be read: ${(error as Error).message}`, error)
  }
}

async function* readParts(path: string, partBytes: number): AsyncGenerator<InsertValues> {
  let header: Header | undefined
  const rowEnds = new RowEnds()
  let part: Buffer[] = []
  let size = 0
  for await (const read of readFile(path)) {
    let piece = read
    if (header === undefined) {
      const start: Buffer = Buffer.concat([...part, piece])
      header = tryParseHeader(start, path)
      part = header === undefined ? [start] : []
      if (header === undefined) continue
      piece = start.subarray(header.bytes)
    }
    const end = rowEnds.lastIn(piece)
    if (end === undefined || size + end < partBytes) {
      part.push(piece)
      size += piece.length
    } else {
      yield { columns: header.columns, rows: rowsText([...part, piece.subarray(0, end)]) }
      part = [piece.subarray(end)]
      size = piece.length - end
    }
  }
  if (header === undefined) throw malformed(path, 'does not begin with INSERT INTO {}(…) VALUES')
  const rest = rowsText(part).trimEnd()
  if (rest === '' && !rowEnds.hasRows) return
  if (!rest.endsWith(';') || rowEnds.isWithinRow) throw malformed(path, 'is cut off: no ; stands at its end')
  if (rest !== ';') yield { columns: header.columns, rows: rest.slice(0, -1) }
}

interface Header {
  readonly columns: readonly string[]
  /** Where the rows begin. */
  readonly bytes: number
}

const headerStart = 'INSERT INTO {}('
const headerForm = /^INSERT INTO \{\}\(((?:"[^"]*"|[,\s])*)\)\s+VALUES\s/
const quotedName = /"((?:[^"]|"")*)"/g

/** Undefined where the header is not complete yet. */
function tryParseHeader(start: Buffer, path: string): Header | undefined {
  const text = start.toString('utf8')
  if (!text.startsWith(headerStart.slice(0, text.length))) throw malformed(path, `does not begin with ${headerStart}`)
  const found = headerForm.exec(text)
  if (found === null) return undefined
  const columns = [...found[1]!.matchAll(quotedName)].map(([, name]) =>
    // As dlt escapes names: backslashes are doubled too.
    name!.replaceAll('""', '"').replaceAll('\\\\', '\\'),
  )
  return { columns, bytes: Buffer.byteLength(found[0]) }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Without the comma that stands between these rows and those before. */
function rowsText(pieces: readonly Buffer[]): string {
  return decoder.decode(Buffer.concat(pieces)).replace(/^[,\s]+/, '')
}

function malformed(path: string, what: string, cause?: unknown): LoadFileMalformed {
  return new LoadFileMalformed(
    `The insert_values file ${path} ${what}. Normalize its package again.`,
    { path },
    { cause },
  )
}

const quote = 0x27
const backslash = 0x5c
const opening = 0x28
const closing = 0x29
const largeE = 0x45
const smallE = 0x65

/**
 * Finds the ends of rows in bytes that come piece by piece: a row ends where its parenthesis is closed, outside of
 * strings. Strings are `'…'` or `E'…'`, where only the second knows backslashes; a doubled quote goes on with the string.
 * In UTF-8 none of these bytes occurs within another character.
 */
class RowEnds {
  hasRows = false
  #depth = 0
  #isString = false
  /** The string at hand, or the one that has just ended, is of the form `E'…'`. */
  #hasEscapes = false
  #isAfterBackslash = false
  #previous = 0

  /** True between the parentheses of a row. */
  get isWithinRow(): boolean {
    return this.#depth > 0 || this.#isString
  }

  /** Where the last row that ends in these bytes has its end; undefined where none does. */
  lastIn(bytes: Buffer): number | undefined {
    let last: number | undefined
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (this.#isString) this.#addToString(byte)
      else if (byte === quote) {
        // Behind a closing quote it is the second half of a doubled one.
        if (this.#previous !== quote) this.#hasEscapes = this.#previous === largeE || this.#previous === smallE
        this.#isString = true
      } else if (byte === opening) this.#depth++
      else if (byte === closing && --this.#depth === 0) last = at + 1
      this.#previous = byte
    }
    if (last !== undefined) this.hasRows = true
    return last
  }

  #addToString(byte: number): void {
    if (this.#isAfterBackslash) this.#isAfterBackslash = false
    else if (byte === backslash) this.#isAfterBackslash = this.#hasEscapes
    else if (byte === quote) this.#isString = false
  }
}
