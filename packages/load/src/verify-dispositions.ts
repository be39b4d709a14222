import {
  isNested,
  mergeStrategy,
  normalizerHints,
  rootTable,
  TerminalError,
  writeDisposition,
  type Capabilities,
  type Column,
  type Schema,
  type Table,
} from '@gantry/common'

/*
 * What a schema says about the writing of its tables against what can be done, before anything is written
 * (dlt `dlt/destinations/utils.py`, `verify_schema_merge_disposition` and `verify_schema_replace_disposition`).
 */

/** Hints of tables contradict each other, or lack what their write disposition needs. Lists all that is wrong. */
export class SchemaCorruptedException extends TerminalError {
  override readonly code = 'schema_corrupted'
}

/** A destination has no way at all to do what a table's write disposition asks for. */
export class WriteDispositionNotSupported extends TerminalError {
  override readonly code = 'write_disposition_not_supported'
}

/** What is written as it is declared, and yet hardly as it was meant. */
export interface DispositionWarning {
  readonly table: string
  readonly message: string
}

/** The part of a destination's capabilities that counts here. */
export type WaysToWrite = Pick<Capabilities, 'destination' | 'hasDataset' | 'mergeStrategies' | 'replaceStrategies'>

/**
 * Checks root tables that have files in the package or have ever had data. What holds for a root holds for all below it.
 * Where there are no tables to write, dispositions only inform.
 *
 * @param tablesWithFiles  names, nested ones included
 * @param replaceStrategy  how tables are to be replaced
 * @returns what the user should hear, in the order of the schema
 * @throws {SchemaCorruptedException}
 * @throws {WriteDispositionNotSupported} the destination cannot merge; one of files is warned about, as it appends instead
 * @throws {UnsupportedMergeStrategy} the destination cannot merge in this way
 */
export function verifyDispositions(
  schema: Schema,
  tablesWithFiles: Iterable<string>,
  ways: WaysToWrite,
  replaceStrategy: string,
): DispositionWarning[] {
  if (!ways.hasDataset) return []
  const withFiles = new Set([...tablesWithFiles].map((name) => rootTable(schema, name)))
  const problems: string[] = []
  const warnings: DispositionWarning[] = []
  for (const table of schema.tables.values()) {
    const takesPart = withFiles.has(table) || normalizerHints(table)['seen-data'] === true
    if (isNested(table) || !takesPart) continue
    const found = verifyTable(schema, table, ways, replaceStrategy)
    problems.push(...found.problems.map((problem) => `Table "${table.name}" ${problem}`))
    warnings.push(...found.warnings.map((message) => ({ table: table.name, message })))
  }
  if (problems.length === 0) return warnings
  throw new SchemaCorruptedException(
    `Tables of schema "${schema.name}" cannot be written as they are declared, so nothing was loaded:\n` +
      `${problems.map((problem) => `  ${problem}`).join('\n')}\n` +
      'Correct the hints and run again. To give up a package that is normalized already, remove its folder under load/normalized.',
    { schema: schema.name, destination: ways.destination, problems },
  )
}

interface Findings {
  /** What follows `Table "…"`. */
  readonly problems: string[]
  readonly warnings: string[]
}

function verifyTable(schema: Schema, table: Table, ways: WaysToWrite, replaceStrategy: string): Findings {
  const disposition = writeDisposition(schema, table.name)
  const findings: Findings = { problems: [], warnings: [] }
  if (disposition === 'merge') verifyMerge(schema, table, ways, findings)
  if (disposition === 'replace' && !ways.replaceStrategies.includes(replaceStrategy)) {
    findings.problems.push(
      `is to be replaced by ${replaceStrategy}, but ${ways.destination} has ${ways.replaceStrategies.join(', ')}. ` +
        'Change the setting REPLACE_STRATEGY.',
    )
  }
  verifySingle(table, disposition, findings)
  return findings
}

function verifyMerge(
  schema: Schema,
  table: Table,
  { destination, mergeStrategies }: WaysToWrite,
  into: Findings,
): void {
  const strategy = mergeStrategy(schema, table.name, mergeStrategies)
  if (strategy === undefined) {
    if (destination !== 'filesystem') {
      throw new WriteDispositionNotSupported(
        `Table "${table.name}" is to be merged, but destination ${destination} has no way to do so. Use append or replace.`,
        { table: table.name, destination },
      )
    }
    into.warnings.push(`Destination ${destination} cannot merge: the rows are appended`)
    return
  }
  const [hasPrimary, hasMerge] = [
    columnsWith(table, 'primary_key').length > 0,
    columnsWith(table, 'merge_key').length > 0,
  ]
  if ((strategy === 'upsert' || strategy === 'insert-only') && !hasPrimary) {
    into.problems.push(`is merged by ${strategy}, which needs a primary key, and has none. Declare one.`)
  }
  if (strategy === 'upsert' && hasMerge)
    into.warnings.push('An upsert goes by the primary key: the merge key has no effect')
  if (strategy === 'delete-insert' && !hasPrimary && !hasMerge) {
    into.warnings.push('There is neither a primary key nor a merge key to merge by: the rows are appended')
  }
}

/** Hints that one column of a table may have, and that a merge only looks at. */
function verifySingle(table: Table, disposition: string, { problems, warnings }: Findings): void {
  for (const hint of ['hard_delete', 'dedup_sort'] as const) {
    const columns = columnsWith(table, hint)
    if (columns.length === 0) continue
    if (columns.length > 1) {
      problems.push(`has the hint ${hint} on ${columns.join(', ')}. Only one column can have it.`)
    }
    if (disposition !== 'merge') {
      warnings.push(`The hint ${hint} has no effect with write disposition ${disposition}`)
      continue
    }
    if (hint === 'hard_delete') continue
    if (columnsWith(table, 'primary_key').length === 0) {
      warnings.push('Without a primary key nothing is deduplicated: the hint dedup_sort has no effect')
    }
    if (table.hints['x-stage-data-deduplicated'] === true) {
      warnings.push('The rows are said to be deduplicated: the hint dedup_sort has no effect')
    }
  }
}

function columnsWith({ columns }: Table, hint: keyof Column): string[] {
  return [...columns.values()]
    .filter((column) => column[hint] != null && column[hint] !== false)
    .map(({ name }) => name)
}
