import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import {
  Configuration,
  type Environment,
  bumpVersion,
  LoadPackage,
  namingConvention,
  newSchema,
  newTable,
  openLog,
  silentProgress,
  stringifySchema,
  systemClock,
  updateTable,
  type Column,
  type StageContext,
  type Table,
  type TableHints,
} from '@gantry/common'
import type { OpenDestination } from '../src/destinations/destination.ts'

/** A table of a schema as normalize leaves it: its columns are complete, and it has seen data. */
export function seenTable(
  name: string,
  columns: Readonly<Record<string, Omit<Column, 'name'>>>,
  hints: TableHints = {},
): Table {
  const named = Object.entries(columns).map(([column, rest]) => [column, { name: column, ...rest }] as const)
  return {
    ...newTable(name),
    columns: new Map(named),
    hints: { write_disposition: 'append', ...hints, 'x-normalizer': { 'seen-data': true } },
  }
}

/** A load package on disk with those files, by file name. */
export async function makePackage(
  folder: string,
  loadId: string,
  tables: readonly Table[],
  files: Readonly<Record<string, string>>,
): Promise<LoadPackage> {
  const package_ = LoadPackage.create(join(folder, loadId))
  let schema = newSchema('test', namingConvention('snake_case'))
  for (const table of tables) schema = updateTable(schema, table)
  await package_.writeText('schema.json', stringifySchema(bumpVersion(schema)))
  for (const [name, text] of Object.entries(files)) await writeFile(package_.newJobPath(name), text)
  return package_
}

export function silentContext(signal = new AbortController().signal): StageContext {
  return {
    log: openLog('load', 'json', 'silent'),
    progress: silentProgress,
    clock: systemClock,
    configuration: Configuration.ofEnvironment({}),
    signal,
  }
}

/** How a test opens a destination; without a folder of its own for one that needs none. */
export function openOptions(
  type: string,
  datasetName: string,
  credentials: unknown,
  { folder = '/', env = {} }: { readonly folder?: string; readonly env?: Environment } = {},
): OpenDestination {
  return {
    reference: { type, name: type, credentials },
    datasetName,
    stagingDatasetName: `${datasetName}_staging`,
    pipelineName: 'test',
    workingFolder: folder,
    localDir: folder,
    configuration: Configuration.ofEnvironment(env, 'test'),
    access: 'load',
  }
}

/** The rows of a query on a DuckDB file, values as text. */
export async function queryFile(path: string, sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
