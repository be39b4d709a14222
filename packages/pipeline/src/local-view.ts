import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  hasErrorCode,
  parseStoredSchema,
  PipelineState,
  toDocument,
  toPlain,
  type JsonValue,
  type Schema,
  type WorkingFolder,
} from '@gantry/common'

/** The pipeline's state as dlt stores it; values of types that JSON lacks are marked as in dlt's typed JSON. */
export interface StateDocument {
  readonly _state_version: number
  readonly _version_hash?: string
  readonly pipeline_name: string
  readonly dataset_name: string | null
  readonly default_schema_name: string | null
  readonly schema_names: readonly string[]
  /** States by source: those of its resources under `resources`, cursors under `incremental` there. */
  readonly sources?: Readonly<Record<string, JsonValue>>
  readonly [key: string]: JsonValue | undefined
}

/** What `state.json` says; undefined where there is none. */
export function readState(folder: WorkingFolder): StateDocument | undefined {
  const state = readPipelineState(folder)
  return state === undefined ? undefined : (toPlain(toDocument(state.document)) as unknown as StateDocument)
}

/** The same, to be asked for what Gantry knows of it. */
export function readPipelineState({ state }: WorkingFolder): PipelineState | undefined {
  const text = tryRead(state)
  return text === undefined ? undefined : PipelineState.parse(text, state)
}

/** The stored schemas by name, in the order of their names. @throws {StoredSchemaModified} */
export function readSchemas({ schemas }: WorkingFolder): ReadonlyMap<string, Schema> {
  const found = new Map<string, Schema>()
  for (const name of listed(schemas)) {
    const text = name.endsWith('.schema.json') ? tryRead(join(schemas, name)) : undefined
    if (text === undefined) continue
    const schema = parseStoredSchema(text)
    found.set(schema.name, schema)
  }
  return found
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted()
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return []
    throw error
  }
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined
    throw error
  }
}
