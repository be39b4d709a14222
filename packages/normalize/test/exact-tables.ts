import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  bumpVersion,
  capabilitiesOf,
  type JsonObject,
  LoadPackage,
  namingConvention,
  newSchema,
  newTable,
  parseJson,
  type Schema,
  schemaHash,
  silentProgress,
  stringifySchema,
  updateTable,
} from '@gantry/common'
import { finishSchema, normalizePackage } from '@gantry/normalize'

/** What normalize wrote, exactly: values as in the load files, system columns included. */
export interface ExactTables {
  readonly schema: Schema
  readonly schemaHash: string
  /** Rows by table, in the order of the files. */
  readonly rows: ReadonlyMap<string, readonly JsonObject[]>
  /** Ranges that were read twice. */
  readonly redone: number
}

/** Small enough for some thirty lines to be shared by eight workers. */
const manyRanges = { seed: 600, min: 1500, max: 1500 }

/** Normalizes lines of JSON as one raw file of table `t`, cut into many ranges where there are several workers. */
export async function exactTables(lines: readonly string[], workers: number): Promise<ExactTables> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-exact-'))
  try {
    const schema = updateTable(newSchema('test', namingConvention('snake_case')), newTable('t'))
    const source = LoadPackage.create(join(folder, 'extracted', '1700000000.5'))
    await writeFile(source.newJobPath('t.0000000001.0.ndjson'), `${lines.join('\n')}\n`)
    await source.writeText('schema.json', stringifySchema(bumpVersion(schema)))
    const target = LoadPackage.create(join(folder, 'new', '1700000000.5'))
    const result = await normalizePackage(
      source,
      target,
      {
        schema,
        capabilities: capabilitiesOf('duckdb'),
        workers,
        ranges: manyRanges,
        output: { format: 'jsonl' },
        startedAtSeconds: 0,
      },
      { signal: new AbortController().signal, progress: silentProgress },
    )
    const finished = finishSchema(result)
    return {
      schema: finished,
      schemaHash: schemaHash(finished),
      rows: await readRows(join(target.dir, 'new_jobs')),
      redone: result.redone,
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function readRows(folder: string): Promise<Map<string, JsonObject[]>> {
  const rows = new Map<string, JsonObject[]>()
  // Names begin with the table and go on with ids that ascend.
  for (const name of (await readdir(folder)).toSorted()) {
    const table = name.split('.')[0] as string
    const lines = (await readFile(join(folder, name), 'utf8')).split('\n').filter((line) => line !== '')
    rows.set(table, [...(rows.get(table) ?? []), ...lines.map((line) => parseJson(line) as JsonObject)])
  }
  return rows
}
