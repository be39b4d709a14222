import {
  capabilitiesOf,
  loadNaming,
  localDir,
  namingConvention,
  normalizerSettings,
  pipelinesDir,
  readNewestState,
  tryReadNewestSchema,
  workingFolder,
  type NamingConvention,
  type PipelineState,
  type WorkingFolder,
} from '@gantry/common'
import type { OpenDestination } from './destinations/destination.ts'
import type { LoadRequest } from './request.ts'
import { stagingDatasetName } from './staging-dataset.ts'

/** Where a pipeline loads to, before anything is opened. */
export interface LoadTarget extends Omit<OpenDestination, 'access'> {
  readonly destination: string
  readonly folder: WorkingFolder
  /** Naming convention of the pipeline's schema, or of the one that it would get. Loaded. */
  readonly naming: string
}

/** Settles destination, dataset and local folder out of the request, the environment and the pipeline's state. */
export async function resolveTarget(request: LoadRequest, env: NodeJS.ProcessEnv = process.env): Promise<LoadTarget> {
  const folder = workingFolder(pipelinesDir(request.pipelinesDir), request.pipelineName)
  const state = await readNewestState(folder)
  const stateType = state?.document.get('destination_type')
  const known = typeof stateType === 'string' ? stateType : 'duckdb'
  const { destination } = capabilitiesOf(request.destination ?? env['DESTINATION_TYPE'] ?? known)
  const naming = await datasetNaming(state, folder, request.pipelineName)
  const dataset = request.datasetName ?? env['DATASET_NAME'] ?? state?.datasetName ?? `${request.pipelineName}_dataset`
  const { pipelineName } = request
  const datasetName = naming.normalizeTableIdentifier(dataset)
  return {
    destination,
    datasetName,
    stagingDatasetName: stagingDatasetName({ datasetName, destination, pipelineName, naming }, env),
    credentials: request.credentials,
    pipelineName,
    workingFolder: folder.root,
    localDir: localFolder(state, folder, env),
    folder,
    naming: naming.name,
  }
}

/**
 * Names of datasets follow the convention of the pipeline's schema, or of the one that it would get
 * (dlt `DestinationClientDwhConfiguration`).
 */
async function datasetNaming(
  state: PipelineState | undefined,
  folder: WorkingFolder,
  pipelineName: string,
): Promise<NamingConvention> {
  const name = state?.defaultSchemaName
  const schema = typeof name === 'string' ? await tryReadNewestSchema(folder, name) : undefined
  const configured = normalizerSettings(name ?? pipelineName, pipelineName).naming
  const reference = schema?.normalizers.names ?? configured ?? 'snake_case'
  await loadNaming(reference)
  return namingConvention(reference)
}

/**
 * `DLT_LOCAL_DIR`, else the folder in which the pipeline was first run, as long as its working folder has not moved
 * since, else the current folder.
 */
function localFolder(state: PipelineState | undefined, folder: WorkingFolder, env: NodeJS.ProcessEnv): string {
  if (env['DLT_LOCAL_DIR'] !== undefined) return localDir(env)
  const initial = state?.local('initial_cwd')
  const isUnmoved = state?.local('working_folder') === folder.root
  return typeof initial === 'string' && isUnmoved ? initial : localDir(env)
}
