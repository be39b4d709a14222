import {
  bumpVersion,
  capabilitiesOf,
  changeStoredSchema,
  combineSchemas,
  finishCommits,
  exitCodeOf,
  GantryError,
  isoInstant,
  JsonObject,
  loadNaming,
  localDir,
  runFolders,
  lockAllStages,
  lockStage,
  packagesIn,
  pipelinesDir,
  PipelineState,
  processLoadIds,
  readNewestState,
  removeStoredSchema,
  replaceStoredSchema,
  storedSchemaNames,
  tryReadPipelineState,
  tryReadSchema,
  wipeWorkingFolder,
  workingFolder,
  writePipelineState,
  TerminalError,
  type Schema,
  type StageContext,
  type WorkingFolder,
} from '@gantry/common'
import type { Destination, StoredSchemas } from './destinations/destination.ts'
import { openDestination } from './destinations/registry.ts'
import { DestinationNotFound } from './errors.ts'
import type { LoadRequest } from './request.ts'
import { resolveTarget, targetOfSchema, type LoadTarget } from './target.ts'

/*
 * Takes state and schemas over from the destination, so that a pipeline goes on where its last complete load ended,
 * whatever became of its working folder (dlt `dlt/pipeline/pipeline.py`, `sync_destination`).
 *
 * - While packages are pending nothing is taken over and nothing removed: they carry the newest state themselves.
 * - A state at the destination wins if it is at least as new as the one here and differs from it. What only an aborted
 *   package has made of the state here does not count: see `readNewestState`.
 * - Schemas that are older here than there are brought up to date; those that are missing are fetched.
 * - Where the dataset is gone, the pipeline starts afresh: its state, schemas and history here belong to a dataset that
 *   does not exist any more.
 */

/** What a sync has done to the working folder. */
export interface SyncResult {
  readonly outcome:
    | 'pending' // packages wait, so nothing was changed
    | 'restored' // the state is the destination's now
    | 'unchanged' // there was nothing newer, or the destination keeps neither state nor schemas
    | 'afresh' // the dataset is gone, and what was here with it
  /** Version of the state after it; undefined where there is none. */
  readonly stateVersion: number | undefined
  /** Schemas that were fetched or brought up to date. */
  readonly schemas: readonly string[]
}

/** The state that was found belongs to another pipeline. */
export class CannotRestorePipeline extends TerminalError {
  override readonly code = 'cannot_restore_pipeline'
}

/** What a stage's process reports of a sync that failed; `cause` is why. */
export class SyncFailed extends GantryError {
  override readonly code = 'sync_failed'
  override readonly terminal: boolean

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), {}, { cause })
    this.terminal = exitCodeOf(cause) !== 75
  }

  override get exitCode(): number {
    return exitCodeOf(this.cause)
  }
}

/**
 * Syncs the working folder with the destination. Opens the destination to read, and makes nothing there.
 *
 * @throws {StageLocked} an extract is at work
 * @throws {DestinationLocked} another process holds the database
 * @throws {CannotRestorePipeline}
 */
export async function sync(request: LoadRequest, context: StageContext): Promise<SyncResult> {
  // What dev mode has left says nothing of where to look.
  await leaveDevMode(workingFolder(pipelinesDir(request.pipelinesDir), request.pipelineName), context)
  const target = await resolveTarget(request, context)
  const { folder } = target
  if (await isPending(folder)) return pending(folder, context)
  if (!capabilitiesOf(target.reference).hasDataset) return unchanged(folder)
  // Extracts read and write state and schemas.
  await using _lock = await lockStage(folder.private, 'extract')
  if (await isPending(folder)) return await pending(folder, context)
  const destination = await tryOpen(target)
  if (destination === undefined) return await startAfresh(target, context)
  await using _destination = destination
  return await new Sync(target, destination, context).run()
}

class Sync {
  readonly #target: LoadTarget
  readonly #folder: WorkingFolder
  readonly #destination: Destination
  readonly #context: StageContext

  constructor(target: LoadTarget, destination: Destination, context: StageContext) {
    this.#target = target
    this.#folder = target.folder
    this.#destination = destination
    this.#context = context
  }

  async run(): Promise<SyncResult> {
    const { pipelineName, naming } = this.#target
    const local = await readNewestState(this.#folder)
    const stored = await this.#destination.storedState(pipelineName, naming)
    if (stored === undefined && !(await this.#destination.hasDataset())) {
      return startAfresh(this.#target, this.#context)
    }
    this.#context.signal.throwIfAborted()
    if (stored !== undefined) {
      const isNewer = local === undefined || stored.state.version >= local.version
      if (isNewer && stored.state.versionHash !== local?.versionHash) return this.#restore(stored.state, local)
    }
    const schemas = local === undefined ? [] : await this.#updateSchemas(local)
    if (local === undefined) return { outcome: 'unchanged', stateVersion: undefined, schemas }
    await this.#settle(local, stored !== undefined)
    return { outcome: 'unchanged', stateVersion: local.version, schemas }
  }

  /** Writes the state where it is another one than was written: that of before an aborted package, say. */
  async #settle(state: PipelineState, hasRun: boolean): Promise<void> {
    const written = await tryReadPipelineState(this.#folder.state)
    const isFirstKnown = !hasRun || state.local('first_run') === false
    if (isFirstKnown && written?.versionHash === state.versionHash && written?.version === state.version) return
    if (hasRun) state.noteRun(runFolders())
    await writePipelineState(this.#folder.state, state)
  }

  /** Schemas first, then the state: whoever is killed in between begins again. */
  async #restore(remote: PipelineState, local: PipelineState | undefined): Promise<SyncResult> {
    const { log, clock } = this.#context
    const { pipelineName, datasetName } = this.#target
    if (remote.pipelineName !== pipelineName) {
      throw new CannotRestorePipeline(
        `The state in dataset "${datasetName}" is that of pipeline "${remote.pipelineName}", not of "${pipelineName}".`,
        { pipelineName, found: remote.pipelineName },
      )
    }
    const schemas = await this.#replaceSchemas(remote)
    const hash = remote.versionHash ?? null
    const here = local ?? PipelineState.create(pipelineName, localDir(), this.#folder.root)
    remote.document.set('_local', here.document.get('_local') ?? new JsonObject())
    remote.noteRun(runFolders())
    remote.setLocal('_last_extracted_at', `\uf027${isoInstant(clock.nowMs())}`)
    remote.setLocal('_last_extracted_hash', hash)
    const dataset = local?.datasetName ?? datasetName
    if (remote.datasetName !== dataset) {
      log.warn(
        { found: remote.datasetName, dataset },
        'The state comes from a dataset of another name; this one is kept',
      )
      remote.document.set('dataset_name', dataset)
    }
    checkDefaultSchema(remote, this.#context)
    remote.bump()
    await writePipelineState(this.#folder.state, remote)
    log.info({ version: remote.version, schemas }, 'State and schemas were restored from the destination')
    return { outcome: 'restored', stateVersion: remote.version, schemas }
  }

  async #replaceSchemas(state: PipelineState): Promise<string[]> {
    const found = await this.#fetch(state)
    for (const name of await storedSchemaNames(this.#folder)) {
      if (!found.has(name)) await removeStoredSchema(this.#folder, name)
    }
    const since = await nextLoadId(this.#folder)
    for (const schema of found.values()) await replaceStoredSchema(this.#folder, schema, since)
    return [...found.keys()]
  }

  /** Fetches schemas that are missing here, and takes over what other working folders have added to those that are not. */
  async #updateSchemas(state: PipelineState): Promise<string[]> {
    const changed: string[] = []
    for (const [name, remote] of await this.#fetch(state)) {
      await changeStoredSchema(this.#folder, name, async (newest) => {
        const updated = newest === undefined ? remote : await newerOf(newest, remote)
        if (updated !== newest) changed.push(name)
        return updated
      })
    }
    return changed
  }

  /** The schemas that a state names. */
  async #fetch({ schemaNames: names, defaultSchemaName }: PipelineState): Promise<Map<string, Schema>> {
    const stored = await this.#storedSchemas(names, defaultSchemaName)
    const found = new Map<string, Schema>()
    for (const name of names) {
      const schema = stored.get(name)
      if (schema !== undefined) found.set(name, bumpVersion(schema))
      else if ((await tryReadSchema(this.#folder, name)) === undefined) {
        this.#context.log.warn({ schema: name }, `Schema "${name}" is neither here nor at the destination`)
      }
    }
    return found
  }

  /** Each out of the dataset that its tables are in. */
  async #storedSchemas(names: readonly string[], defaultSchema: string | undefined): Promise<StoredSchemas> {
    const { naming, datasetName } = this.#target
    const targets = names.map((name) => [name, targetOfSchema(this.#target, name, defaultSchema)] as const)
    const here = targets.filter(([, target]) => target.datasetName === datasetName).map(([name]) => name)
    const stored = new Map(await this.#destination.storedSchemas(here, naming))
    for (const [name, target] of targets) {
      const destination = target.datasetName === datasetName ? undefined : await tryOpen(target)
      if (destination === undefined) continue
      await using _destination = destination
      for (const [found, schema] of await destination.storedSchemas([name], naming)) stored.set(found, schema)
    }
    return stored
  }
}

/**
 * The newer of two versions of a schema: the one that has grown out of the other; both put together where they have grown
 * apart.
 */
async function newerOf(local: Schema, remote: Schema): Promise<Schema> {
  const [ours, theirs] = [local.version_hash ?? '', remote.version_hash ?? '']
  if (ours === theirs || local.previous_hashes.includes(theirs)) return local
  if (remote.previous_hashes.includes(ours)) return remote
  await loadNaming(local.normalizers.names, remote.normalizers.names)
  return combineSchemas(remote, local)
}

function checkDefaultSchema(state: PipelineState, { log }: StageContext): void {
  const { defaultSchemaName, schemaNames } = state
  if (defaultSchemaName === undefined || schemaNames.includes(defaultSchemaName)) return
  const next = schemaNames[0] ?? null
  log.warn(
    { schema: defaultSchemaName, next },
    'The default schema is not among those of the pipeline; another is taken',
  )
  state.document.set('default_schema_name', next)
}

/** The dataset is not there: what the pipeline remembers of it does not hold. */
async function startAfresh(
  { folder, dataset, pipelineName, reference }: LoadTarget,
  { log }: StageContext,
): Promise<SyncResult> {
  const state = await readNewestState(folder)
  const hasData = (state?.version ?? 0) > 0 || (await storedSchemaNames(folder)).length > 0
  if (!hasData) return { outcome: 'unchanged', stateVersion: undefined, schemas: [] }
  log.warn(
    { dataset },
    `Dataset "${dataset}" is not at the destination: state and schemas of earlier loads are removed, and the pipeline starts afresh`,
  )
  await wipeWorkingFolder(folder)
  // It goes on where it was, so that the next run does not take another dataset.
  const fresh = PipelineState.create(pipelineName, localDir(), folder.root)
  fresh.setDestination(reference, dataset)
  await writePipelineState(folder.state, fresh)
  return { outcome: 'afresh', stateVersion: undefined, schemas: [] }
}

/** What dev mode has left, pending packages included, belongs to a dataset of its own that nobody will load to again. */
async function leaveDevMode(folder: WorkingFolder, { log }: StageContext): Promise<void> {
  const state = await tryReadPipelineState(folder.state)
  if (state?.local('_dev_mode') !== true) return
  await using _locks = await lockAllStages(folder)
  log.warn(
    { dataset: state.datasetName },
    'The last run was in dev mode: what it left in the working folder is removed',
  )
  await wipeWorkingFolder(folder)
}

/** There is nothing to be asked back. */
async function unchanged(folder: WorkingFolder): Promise<SyncResult> {
  return { outcome: 'unchanged', stateVersion: (await readNewestState(folder))?.version, schemas: [] }
}

async function pending(folder: WorkingFolder, { log }: StageContext): Promise<SyncResult> {
  log.info('Packages are pending: state and schemas stay as they are')
  return { outcome: 'pending', stateVersion: (await readNewestState(folder))?.version, schemas: [] }
}

/** A package moves from the first place to the second, so it is seen in one of them. */
async function isPending({ normalize, extracted, normalized }: WorkingFolder): Promise<boolean> {
  await finishCommits(normalize, extracted)
  return (await packagesIn(extracted)).length > 0 || (await packagesIn(normalized)).length > 0
}

async function tryOpen(target: LoadTarget): Promise<Destination | undefined> {
  try {
    return await openDestination({ ...target, access: 'read' })
  } catch (error) {
    if (error instanceof DestinationNotFound) return undefined
    throw error
  }
}

/** A load id after those of all packages. */
async function nextLoadId({ loaded }: WorkingFolder): Promise<string> {
  const newest = (await packagesIn(loaded)).at(-1)
  if (newest !== undefined) processLoadIds.startAfter(newest.loadId)
  return processLoadIds.next()
}
