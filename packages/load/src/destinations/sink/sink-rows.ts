import { isUtf8 } from 'node:buffer'
import {
  JsonObject,
  JsonReader,
  JsonSyntaxError,
  plainValue,
  type DataType,
  type SinkRow,
  type Table,
} from '@gantry/common'
import { LoadFileMalformed } from '../../errors.ts'
import { readFile } from '../../files/open-file.ts'

/** Which fields of a table's rows are read, and how. */
export interface RowForm {
  readonly types: ReadonlyMap<string, DataType | undefined>
  /** Fields that begin so are left out; undefined: none. */
  readonly hiddenPrefix: string | undefined
}

export function rowForm({ columns }: Table, hiddenPrefix: string | undefined): RowForm {
  const types = new Map([...columns].map(([name, column]) => [name, column.data_type ?? undefined] as const))
  return { types, hiddenPrefix }
}

/**
 * The rows of a file of typed JSON lines, gzip or not: a row or a list of rows a line. In memory is a line.
 *
 * @param skipped  rows in front that are left out
 * @throws {LoadFileMalformed} names the line
 */
export async function* readRows(path: string, form: RowForm, skipped: number): AsyncGenerator<SinkRow> {
  let at = 0
  let lineNumber = 0
  for await (const line of readLines(path)) {
    lineNumber++
    for (const row of parseLine(line, path, lineNumber)) if (at++ >= skipped) yield plainRow(row, form)
  }
}

function plainRow(row: JsonObject, { types, hiddenPrefix }: RowForm): SinkRow {
  const entries = [...row.entries()].filter(([name]) => hiddenPrefix === undefined || !name.startsWith(hiddenPrefix))
  return Object.fromEntries(entries.map(([name, value]) => [name, plainValue(value, types.get(name))]))
}

function parseLine(line: Buffer, path: string, lineNumber: number): JsonObject[] {
  const refuse = (what: string, cause?: unknown): LoadFileMalformed =>
    new LoadFileMalformed(
      `${path}, line ${lineNumber}: ${what}. Normalize its package again.`,
      { path, line: lineNumber },
      { cause },
    )
  if (!isUtf8(line)) throw refuse('no UTF-8')
  try {
    const reader = JsonReader.ofUtf8(line)
    if (reader.atEnd()) return []
    const value = reader.readValue()
    reader.expectEnd()
    const rows = Array.isArray(value) ? value : [value]
    if (rows.every((row) => row instanceof JsonObject)) return rows
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw refuse(error.message, error)
    throw error
  }
  throw refuse('neither a row nor a list of rows')
}

async function* readLines(path: string): AsyncGenerator<Buffer> {
  let begun: Buffer[] = []
  for await (const piece of readFile(path)) {
    let from = 0
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, from)) {
      yield Buffer.concat([...begun, piece.subarray(from, end)])
      begun = []
      from = end + 1
    }
    if (from < piece.length) begun.push(piece.subarray(from))
  }
  if (begun.length > 0) yield Buffer.concat(begun)
}

const newline = 0x0a
