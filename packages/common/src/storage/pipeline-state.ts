import { pathToFileURL } from 'node:url'
import { deflateSync } from 'node:zlib'
import { capabilitiesOf } from '../destination/capabilities.ts'
import type { DestinationReference } from '../destination/reference.ts'
import { TerminalError } from '../errors.ts'
import { sha3Base64 } from '../hash.ts'
import { JsonObject } from '../json/object.ts'
import { parseJson } from '../json/reader.ts'
import { sortedKeys } from '../json/sorted.ts'
import { stringifyJson } from '../json/writer.ts'
import type { Value } from '../values/value.ts'
import { tryReadText, writeFileAtomic } from './small-file.ts'
import type { RunFolders } from './folders.ts'
import { unpackText } from './packed-text.ts'

/*
 * The state of a pipeline: what it is called, where it loads to, and the cursors of its sources. `state.json` is a
 * cache of it; the truth is in committed packages and at the destination. Form and hash are dlt's
 * (`dlt/pipeline/state_sync.py`); values are kept as read, type markers included.
 */

const stateEngineVersion = 4
/** Key in `_local`; Gantry's own. */
const extractedIn = '_extracted_in'

/** The state document, keys spelled as on disk. `_local` never leaves the machine. */
export class PipelineState {
  readonly document: JsonObject

  constructor(document: JsonObject) {
    this.document = document
  }

  /**
   * @param initialCwd     folder against which relative paths of the destination are resolved from now on
   * @param workingFolder  where the pipeline's folder is, to tell later whether it has moved
   */
  static create(pipelineName: string, initialCwd: string, workingFolder: string): PipelineState {
    const local = JsonObject.of([
      ['first_run', true],
      ['_dev_mode', false],
      ['initial_cwd', initialCwd],
      ['working_folder', workingFolder],
    ])
    return new PipelineState(
      JsonObject.of([
        ['_state_version', 0],
        ['_state_engine_version', stateEngineVersion],
        ['_local', local],
        ['pipeline_name', pipelineName],
        ['default_schema_name', null],
        ['dataset_name', null],
        ['schema_names', []],
        ['destination_type', null],
        ['destination_name', null],
      ]),
    )
  }

  /** @throws {PipelineStateCorrupted} not a state document, or one of a newer version */
  static parse(text: string, where: string): PipelineState {
    let document: Value
    try {
      document = parseJson(text)
    } catch (cause) {
      throw new PipelineStateCorrupted(
        `${where} is not JSON. Remove it to start from what is pending.`,
        { where },
        { cause },
      )
    }
    if (!(document instanceof JsonObject)) {
      throw new PipelineStateCorrupted(`${where} holds no state document. Remove it.`, { where })
    }
    const engine = document.get('_state_engine_version')
    if (typeof engine !== 'number' || engine > stateEngineVersion) {
      throw new PipelineStateCorrupted(
        `${where} has state engine version ${String(engine)}, this version of Gantry knows ${stateEngineVersion}. Update Gantry.`,
        { where, engine },
      )
    }
    return new PipelineState(document)
  }

  get version(): number {
    return Number(this.document.get('_state_version') ?? 0)
  }

  get versionHash(): string | undefined {
    return this.#text('_version_hash')
  }

  get pipelineName(): string {
    return this.#text('pipeline_name') ?? ''
  }

  get defaultSchemaName(): string | undefined {
    return this.#text('default_schema_name')
  }

  get datasetName(): string | undefined {
    return this.#text('dataset_name')
  }

  get schemaNames(): readonly string[] {
    const names = this.document.get('schema_names')
    return Array.isArray(names) ? names.map(String) : []
  }

  /** A value that stays on this machine; undefined where it is not set. */
  local(key: string): Value | undefined {
    const local = this.document.get('_local')
    return local instanceof JsonObject ? local.get(key) : undefined
  }

  setLocal(key: string, value: Value): void {
    const local = this.document.get('_local')
    if (local instanceof JsonObject) local.set(key, value)
    else this.document.set('_local', JsonObject.of([[key, value]]))
  }

  /** Notes that packages have been loaded, and where the pipeline is run from: Python dlt counts on both together. */
  noteRun({ runDir, settingsDir, localDir }: RunFolders): void {
    this.setLocal('first_run', false)
    this.setLocal(
      'last_run_context',
      JsonObject.of([
        ['settings_dir', settingsDir],
        ['local_dir', localDir],
        ['run_dir', runDir],
        ['uri', pathToFileURL(runDir).href],
      ]),
    )
  }

  /**
   * Notes which package brings the present content to the destination. Should that package be aborted, its content does
   * not count.
   */
  noteExtracted(loadId: string): void {
    this.setLocal(
      extractedIn,
      JsonObject.of([
        ['load_id', loadId],
        ['version_hash', this.versionHash ?? null],
      ]),
    )
  }

  /** The package that brings the present content to the destination; undefined where that is not known. */
  get extractedIn(): string | undefined {
    const note = this.local(extractedIn)
    if (!(note instanceof JsonObject) || note.get('version_hash') !== this.versionHash) return undefined
    const loadId = note.get('load_id')
    return typeof loadId === 'string' ? loadId : undefined
  }

  addSchema(name: string): void {
    if (this.defaultSchemaName === undefined) this.document.set('default_schema_name', name)
    if (!this.schemaNames.includes(name)) this.document.set('schema_names', [...this.schemaNames, name].toSorted())
  }

  /**
   * Forgets what a resource has noted, so that it starts over. The source is there afterwards, as in dlt
   * (`dlt/extract/state.py`, `reset_resource_state`).
   */
  resetResource(source: string, resource: string | undefined): void {
    const ofSource = child(child(this.document, 'sources'), source)
    const resources = ofSource.get('resources')
    if (!(resources instanceof JsonObject) || resource === undefined) return
    ofSource.set('resources', JsonObject.of([...resources.entries()].filter(([name]) => name !== resource)))
  }

  /** What a source has noted, the states of its resources included; undefined where there is nothing. */
  sourceState(source: string): JsonObject | undefined {
    return tryChild(tryChild(this.document, 'sources'), source)
  }

  setSourceState(source: string, state: JsonObject): void {
    child(this.document, 'sources').set(source, state)
  }

  /** What a resource has noted, cursors included; undefined where there is nothing. */
  resourceState(source: string, resource: string): JsonObject | undefined {
    return tryChild(tryChild(this.sourceState(source), 'resources'), resource)
  }

  setResourceState(source: string, resource: string, state: JsonObject): void {
    child(child(child(this.document, 'sources'), source), 'resources').set(resource, state)
  }

  setDestination(destination: DestinationReference, datasetName: string | undefined): void {
    const { type, name } = destination
    this.document.set('destination_type', capabilitiesOf(destination).destinationType)
    this.document.set('destination_name', name === type ? null : name)
    this.document.set('dataset_name', datasetName ?? null)
  }

  /** The state of one source, or of resources of it, as if it had never run. */
  resetSource(source: string, resources?: readonly string[]): void {
    const sources = child(this.document, 'sources')
    if (resources === undefined) {
      this.document.set('sources', without(sources, [source]))
      return
    }
    const ofSource = sources.get(source)
    if (!(ofSource instanceof JsonObject)) return
    const ofResources = ofSource.get('resources')
    if (ofResources instanceof JsonObject) ofSource.set('resources', without(ofResources, resources))
  }

  /** Raises the version if the content changed since it was last numbered. */
  bump(): void {
    const hash = contentHash(this.document)
    if (hash === this.versionHash) return
    this.document.set('_state_version', this.version + 1)
    this.document.set('_version_hash', hash)
  }

  /** A copy whose changes do not reach this one. */
  clone(): PipelineState {
    return new PipelineState(parseJson(stringifyJson(this.document)) as JsonObject)
  }

  #text(key: string): string | undefined {
    const value = this.document.get(key)
    return typeof value === 'string' ? value : undefined
  }
}

function without(object: JsonObject, keys: readonly string[]): JsonObject {
  return JsonObject.of([...object.entries()].filter(([key]) => !keys.includes(key)))
}

function tryChild(parent: JsonObject | undefined, key: string): JsonObject | undefined {
  const found = parent?.get(key)
  return found instanceof JsonObject ? found : undefined
}

/** The map under a key, made where it is not there. */
function child(parent: JsonObject, key: string): JsonObject {
  const found = tryChild(parent, key)
  if (found !== undefined) return found
  const made = new JsonObject()
  parent.set(key, made)
  return made
}

/** A state document that cannot be read. */
export class PipelineStateCorrupted extends TerminalError {
  override readonly code = 'pipeline_state_corrupted'
}

const unhashed = new Set(['_state_version', '_state_engine_version', '_version_hash', '_local'])

function contentHash(document: JsonObject): string {
  const content = JsonObject.of([...document.entries()].filter(([key]) => !unhashed.has(key)))
  return sha3Base64(stringifyJson(sortedKeys(content)))
}

export async function tryReadPipelineState(path: string): Promise<PipelineState | undefined> {
  const text = await tryReadText(path)
  return text === undefined ? undefined : PipelineState.parse(text, path)
}

export async function writePipelineState(path: string, state: PipelineState): Promise<void> {
  await writeFileAtomic(path, stringifyJson(state.document))
}

/** The row of `_dlt_pipeline_state` that carries this state with its package, values ready for typed JSON. */
export function pipelineStateRow(state: PipelineState, loadId: string, createdAt: Value): JsonObject {
  const synced = JsonObject.of([...state.document.entries()].filter(([key]) => key !== '_local'))
  return JsonObject.of([
    ['version', state.version],
    ['engine_version', stateEngineVersion],
    ['pipeline_name', state.pipelineName],
    ['state', deflateSync(stringifyJson(synced), { level: 9 }).toString('base64')],
    ['created_at', createdAt],
    ['version_hash', state.versionHash ?? null],
    ['_dlt_load_id', loadId],
  ])
}

/** The state out of such a row: base64 of zlib, or the bare document. */
export function parseStateColumn(text: string, where: string): PipelineState {
  return PipelineState.parse(unpackText(text), where)
}
