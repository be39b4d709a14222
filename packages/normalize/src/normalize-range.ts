import { join } from 'node:path'
import {
  FileIds,
  JsonReader,
  JsonSyntaxError,
  loadNaming,
  parseSchema,
  placeText,
  printJobFileName,
  randomRowIds,
  TerminalError,
  type InputPlace,
  type RowIds,
  type Schema,
  type Value,
} from '@gantry/common'
import { ContractReport } from './contract-report.ts'
import { dataNaming } from './data-naming.ts'
import { Fitter } from './fit.ts'
import type { RangeResult, RangeTask, TableDelta } from './range-messages.ts'
import { lineNumberAt, markerBytes, readLines, type LineBlock } from './read-lines.ts'
import { RelationalNormalizer } from './relational.ts'
import type { TableState } from './table-state.ts'
import { loadFormat } from './load-format.ts'
import { defaultBufferBytes } from './output-options.ts'
import { formatWriters, openWriter } from './writers/open-writer.ts'
import { TableWriter } from './writers/table-writer.ts'

/** A line of an extracted file is not JSON. Names file, line and column and shows the text around the fault. */
export class MalformedJson extends TerminalError {
  override readonly code = 'malformed_json'
}

export interface RangeHooks {
  /** Called with the bytes and rows done since the last call. */
  onProgress(bytes: number, rows: number): void
  readonly signal?: AbortSignal
  /** Ids of root rows; random by default. */
  readonly rootIds?: RowIds
}

/**
 * Normalizes the rows of one range of one extracted file: load files on disk, and what has to be added to the schema.
 *
 * @throws {MalformedJson}
 */
export async function normalizeRange(task: RangeTask, hooks: RangeHooks): Promise<RangeResult> {
  const schema = parseSchema(task.schemaText)
  await loadNaming(schema.normalizers.names)
  const naming = dataNaming(schema, task.capabilities)
  const fileIds = new FileIds(task.firstFileId)
  const report = new ContractReport()
  const relational = new RelationalNormalizer({
    schema,
    naming,
    capabilities: task.capabilities,
    loadId: task.loadId,
    fitter: new Fitter(schema, naming, task.capabilities, task.startedAtSeconds, report),
    report,
    rootIds: hooks.rootIds ?? randomRowIds(),
    nestedIds: randomRowIds(),
    packageColumns: {
      isNew: (table, column) =>
        task.packageColumns[table]?.[column] !== undefined ||
        schema.tables.get(table)?.columns.get(column)?.data_type == null,
      hasInexactInteger: (table, column) => task.packageColumns[table]?.[column] ?? false,
      isNewTable: (table) => task.newTables.includes(table),
    },
    openWriter: (table) => openTable(task, schema, table, fileIds),
  })
  const bufferBytes = task.output.bufferBytes ?? defaultBufferBytes
  let line = 1
  for await (const block of readLines({ ...task, end: task.end })) {
    hooks.signal?.throwIfAborted()
    const rowsBefore = countRows(relational)
    line = await addBlock(block, line, task, relational, report)
    relieve(relational, bufferBytes)
    hooks.onProgress(block.bytes.length, countRows(relational) - rowsBefore)
  }
  if (relational.tables.size === 0) {
    const table = relational.addEmpty(task.table)
    table.writer = openTable(task, schema, table, fileIds)
    table.writer.writeNothing()
  }
  const files = [...relational.tables.values()].flatMap((table) => table.writer?.close() ?? [])
  // A table of which contract or filters have let nothing through leaves no trace.
  const tables = [...relational.tables.values()].filter((table) => !table.isNew || table.rows > 0)
  const integerColumns = [...relational.tables.values()].flatMap((table) => [...(table.writer?.integerColumns ?? [])])
  const violations = await report.violations(task.loadId, (at) => placeOf(at, task))
  return { tables: tables.map(deltaOf), files, integerColumns: Object.fromEntries(integerColumns), violations }
}

/** Adds the rows of a block. @returns the number of the line behind it, counted from the start of the range */
async function addBlock(
  block: LineBlock,
  firstLine: number,
  task: RangeTask,
  relational: RelationalNormalizer,
  report: ContractReport,
): Promise<number> {
  const { bytes } = block
  const reader = JsonReader.ofUtf8(bytes)
  let line = firstLine
  for (let start = 0; start < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, start)
    const end = newline < 0 ? bytes.length : newline
    reader.seek(start, end)
    report.line = line
    try {
      if (!reader.atEnd()) {
        if (task.format === 'ndjson') {
          const item = reader.readValue()
          reader.expectEnd()
          relational.add(item, task.table, false)
        } else {
          const hasMarkers = block.hasMarkers && bytes.subarray(start, end).includes(markerBytes)
          reader.readElements((item: Value) => relational.add(item, task.table, hasMarkers))
          reader.expectEnd()
        }
      }
    } catch (error) {
      if (error instanceof JsonSyntaxError)
        throw await malformed(error, bytes.subarray(start, end), error.offset - start, line, task)
      if (error instanceof TerminalError) throw await atLine(error, line, task)
      throw error
    }
    start = end + 1
  }
  return line
}

async function malformed(
  error: JsonSyntaxError,
  bytes: Buffer,
  offset: number,
  line: number,
  task: RangeTask,
): Promise<MalformedJson> {
  const place = placeText(await placeOf(line, task))
  const text = bytes.toString()
  const at = bytes.toString('utf8', 0, offset).length
  const from = Math.max(0, at - 40)
  const around = `${from > 0 ? '…' : ''}${text.slice(from, at)}⟦here⟧${text.slice(at, at + 40)}${at + 40 < text.length ? '…' : ''}`
  const isCutOff = error.reason.startsWith('unexpected end')
  const hint =
    text.trim() === '['
      ? ' Is it one JSON array? Then name the file .json.'
      : isCutOff
        ? ' The line may be cut off.'
        : ''
  return new MalformedJson(
    `${place}, column ${at + 1}: ${error.reason}.${hint}\n  ${around.trimEnd()}\n` +
      'Correct the input. The extracted package stays as it is; to give it up, remove it: ' +
      join(task.path, '..', '..'),
    { file: task.source?.path ?? task.path, line, column: at + 1, package: task.loadId },
    { cause: error },
  )
}

/** The same error with the place of the row in front of its message. */
async function atLine(error: TerminalError, line: number, task: RangeTask): Promise<TerminalError> {
  const place = await placeOf(line, task)
  error.message = `${placeText(place)}: ${error.message} The extracted package ${task.loadId} stays as it is.`
  Object.assign(error.details, { package: task.loadId, file: place.file, line: place.number })
  return error
}

/** Where a line of the range is in the input. */
async function placeOf(line: number, task: RangeTask): Promise<InputPlace> {
  const number =
    line - 1 + (await lineNumberAt(task.path, task.start)) + (task.start > 0 && !(await beginsLine(task)) ? 1 : 0)
  return { file: task.source?.path ?? task.path, counts: task.source?.counts ?? 'lines', number }
}

/** Whether the range's first byte begins a line; else its first line is the one after. */
async function beginsLine(task: RangeTask): Promise<boolean> {
  return (await lineNumberAt(task.path, task.start)) > (await lineNumberAt(task.path, task.start - 1))
}

/** Tables below a root table have its format. */
function openTable(task: RangeTask, schema: Schema, table: TableState, fileIds: FileIds): TableWriter {
  let root = table
  while (root.parent !== undefined) root = root.parent
  const { output, capabilities } = task
  const format = loadFormat(schema, root.name, capabilities, output.format)
  const compression = output.compression ?? 'none'
  const isGzip = output.isCompressed === true && formatWriters[format].isText
  return new TableWriter(() => {
    const name = printJobFileName({ table: table.name, fileId: fileIds.next(), retry: 0, format, isGzip })
    return openWriter(format, join(task.outputDir, name), capabilities, { table, compression })
  }, output.limits ?? {})
}

/** Writes out the largest buffers where all of them together are larger than allowed. */
function relieve(relational: RelationalNormalizer, bufferBytes: number): void {
  const writers: TableWriter[] = []
  let buffered = 0
  for (const { writer } of relational.tables.values()) {
    if (writer === undefined) continue
    writers.push(writer)
    buffered += writer.buffered
  }
  if (buffered <= bufferBytes) return
  for (const writer of writers.toSorted((a, b) => b.buffered - a.buffered)) {
    buffered -= writer.buffered
    writer.flush()
    if (buffered <= bufferBytes / 2) return
  }
}

function countRows(relational: RelationalNormalizer): number {
  let rows = 0
  for (const table of relational.tables.values()) rows += table.rows
  return rows
}

function deltaOf(table: TableState): TableDelta {
  const columns = [...table.columns.values()].filter((state) => table.changed.has(state) || state.hasInexactInteger)
  // In the order in which they got their type, which is the order of columns in the schema.
  const ordered = [...table.changed, ...columns.filter((state) => !table.changed.has(state))]
  return {
    name: table.name,
    parent: table.parent?.name,
    isNew: table.isNew,
    columns: ordered.map((state) => ({ column: state.column!, hasInexactInteger: state.hasInexactInteger })),
    onlyNull: [...table.columns.values()]
      .filter((state) => state.sawNull && state.type === undefined)
      .map(({ name }) => name),
    judged: [...table.columns.values()]
      .filter(({ judgedAs }) => judgedAs.length > 0)
      .map(({ name, judgedAs }) => ({ column: name, types: judgedAs })),
  }
}
