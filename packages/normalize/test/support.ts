import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  bumpVersion,
  capabilitiesOf,
  LoadPackage,
  namingConvention,
  newSchema,
  newTable,
  silentProgress,
  stringifySchema,
  updateTable,
  type ContractViolation,
  type Schema,
} from '@gantry/common'
import { writeFile } from 'node:fs/promises'
import { normalizePackage } from '@gantry/normalize'

export interface Normalized {
  readonly schema: Schema
  /** Rows by table, as parsed JSON without system columns. */
  readonly rows: Record<string, Record<string, unknown>[]>
  /** `name: type` of data columns by table, in order. */
  readonly columns: Record<string, string[]>
  readonly redone: number
  readonly violations: readonly ContractViolation[]
}

/** Normalizes lines of JSON as one extracted file of table `t`. */
export async function normalizeLines(
  lines: readonly string[],
  options: { readonly schema?: Schema; readonly workers?: number; readonly format?: 'ndjson' | 'typed-jsonl' } = {},
): Promise<Normalized> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-normalize-'))
  const naming = namingConvention('snake_case')
  const base = options.schema ?? updateTable(newSchema('test', naming), newTable('t'))
  const source = LoadPackage.create(join(folder, 'extracted', '1700000000.5'))
  await writeFile(source.newJobPath(`t.0000000001.0.${options.format ?? 'ndjson'}`), `${lines.join('\n')}\n`)
  await source.writeText('schema.json', stringifySchema(bumpVersion(base)))
  const target = LoadPackage.create(join(folder, 'new', '1700000000.5'))
  const result = await normalizePackage(
    source,
    target,
    {
      schema: base,
      capabilities: capabilitiesOf('duckdb'),
      output: { format: 'jsonl' },
      workers: options.workers ?? 1,
      startedAtSeconds: 0,
    },
    { signal: new AbortController().signal, progress: silentProgress },
  )
  const rows: Record<string, Record<string, unknown>[]> = {}
  for (const name of readdirSync(join(target.dir, 'new_jobs')).toSorted()) {
    const table = name.split('.')[0] as string
    const text = readFileSync(join(target.dir, 'new_jobs', name), 'utf8')
    for (const line of text.split('\n'))
      if (line !== '') (rows[table] ??= []).push(withoutSystem(JSON.parse(line) as object))
  }
  rmSync(folder, { recursive: true })
  const columns: Record<string, string[]> = {}
  for (const table of result.package.schema.tables.values()) {
    if (table.name.startsWith('_dlt')) continue
    columns[table.name] = [...table.columns.values()]
      .filter(({ name }) => !name.startsWith('_dlt'))
      .map(({ name, data_type: type }) => `${name}: ${type}`)
  }
  return { schema: result.package.schema, rows, columns, redone: result.redone, violations: result.violations }
}

function withoutSystem(row: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([key]) => !key.startsWith('_dlt')))
}
