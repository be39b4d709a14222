import { join } from 'node:path'
import {
  FileIds,
  loadNaming,
  parseSchema,
  printJobFileName,
  randomRowIds,
  type RowIds,
  type Schema,
} from '@gantry/common'
import { ContractReport } from './contract-report.ts'
import { dataNaming } from './data-naming.ts'
import { FastRows } from './fast-rows.ts'
import { Fitter } from './fit.ts'
import { placeOf } from './input-errors.ts'
import { loadFormat } from './load-format.ts'
import { defaultBufferBytes } from './output-options.ts'
import type { RangeResult, RangeTask, TableDelta } from './range-messages.ts'
import { readLines } from './read-lines.ts'
import { ReferenceRows } from './reference-rows.ts'
import { RelationalNormalizer } from './relational.ts'
import type { TableState } from './table-state.ts'
import { CountedRowIds } from './transcoder/counted-row-ids.ts'
import { isTranscoded } from './transcoder/scalar-rules.ts'
import { formatWriters, openWriter } from './writers/open-writer.ts'
import { TableWriter } from './writers/table-writer.ts'

export interface RangeHooks {
  /** Called with the bytes and rows done since the last call. */
  onProgress(bytes: number, rows: number): void
  readonly signal?: AbortSignal
  /** Ids of root rows; random by default. */
  readonly rootIds?: RowIds
  /** Bytes read at once. */
  readonly chunkBytes?: number
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
    nestedIds: new CountedRowIds(),
    packageColumns: {
      isNew: (table, column) =>
        task.packageColumns[table]?.[column] !== undefined ||
        schema.tables.get(table)?.columns.get(column)?.data_type == null,
      hasInexactInteger: (table, column) => task.packageColumns[table]?.[column] ?? false,
      isNewTable: (table) => task.newTables.includes(table),
    },
    openWriter: (table) => openTable(task, schema, table, fileIds),
  })
  const format = loadFormat(schema, task.table, task.capabilities, task.output.format)
  const isFast = task.fastPath && isTranscoded(format)
  using rows = isFast ? new FastRows(task, relational, format) : new ReferenceRows(task, relational)
  const bufferBytes = task.output.bufferBytes ?? defaultBufferBytes
  for await (const block of readLines({ ...task, end: task.end }, hooks.chunkBytes)) {
    hooks.signal?.throwIfAborted()
    const rowsBefore = countRows(relational)
    await rows.add(block)
    relieve(relational, bufferBytes)
    hooks.onProgress(block.bytes.length, countRows(relational) - rowsBefore)
  }
  if (rows.counts.fast + rows.counts.reference === 0) {
    relational.writerOf(relational.addEmpty(task.table)).writeNothing()
  }
  const files = [...relational.tables.values()].flatMap((table) => table.writer?.close() ?? [])
  // A table of which contract or filters have let nothing through leaves no trace.
  const tables = [...relational.tables.values()].filter((table) => !table.isNew || table.rows > 0)
  const integerColumns = [...relational.tables.values()].flatMap((table) => [...(table.writer?.integerColumns ?? [])])
  const violations = await report.violations(task.loadId, (at) => placeOf(at, task))
  return {
    tables: tables.map(deltaOf),
    files,
    integerColumns: Object.fromEntries(integerColumns),
    violations,
    rows: rows.counts,
  }
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
