import {
  configurationOf,
  datasetOf,
  loadNaming,
  localDir,
  namingConvention,
  normalizerSettings,
  pipelineDestination,
  pipelinesDir,
  readNewestState,
  tryReadNewestSchema,
  workingFolder,
  type Configuration,
  type NamingConvention,
  type PipelineState,
  type StageContext,
  type WorkingFolder,
} from '@gantry/common'
import type { OpenDestination } from './destinations/destination.ts'
import type { LoadRequest } from './request.ts'
import { stagingDatasetName } from './staging-dataset.ts'

/** Where a pipeline loads to, before anything is opened. */
export interface LoadTarget extends Omit<OpenDestination, 'access'> {
  readonly folder: WorkingFolder
  /** The dataset as the state calls it: not normalized. */
  readonly dataset: string
  /** Naming convention of the pipeline's schema, or of the one that it would get. Loaded. */
  readonly naming: string
}

/** Settles destination, dataset and local folder out of the request, the environment and the pipeline's state. */
export async function resolveTarget(
  request: LoadRequest,
  { configuration }: Pick<StageContext, 'configuration'>,
): Promise<LoadTarget> {
  const { pipelineName } = request
  const folder = workingFolder(pipelinesDir(request.pipelinesDir), pipelineName)
  const state = await readNewestState(folder)
  const reference = pipelineDestination(request.destination, configuration, state)
  const naming = await datasetNaming(state, folder, pipelineName, configuration)
  const ofDestination = configurationOf(reference, configuration)
  const dataset = datasetOf(request.datasetName, configuration, state)
  const datasetName = naming.normalizeTableIdentifier(dataset)
  return {
    reference,
    datasetName,
    stagingDatasetName: stagingDatasetName({ datasetName, destination: reference.name, naming }, ofDestination),
    pipelineName,
    workingFolder: folder.root,
    localDir: localFolder(state, folder),
    configuration: ofDestination,
    folder,
    dataset,
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
  configuration: Configuration,
): Promise<NamingConvention> {
  const name = state?.defaultSchemaName
  const schema = typeof name === 'string' ? await tryReadNewestSchema(folder, name) : undefined
  const configured = normalizerSettings(name ?? pipelineName, configuration).naming
  const reference = schema?.normalizers.names ?? configured ?? 'snake_case'
  await loadNaming(reference)
  return namingConvention(reference)
}

/**
 * `DLT_LOCAL_DIR`, else the folder in which the pipeline was first run, as long as its working folder has not moved
 * since, else the current folder.
 */
function localFolder(state: PipelineState | undefined, folder: WorkingFolder): string {
  if (process.env['DLT_LOCAL_DIR'] !== undefined) return localDir()
  const initial = state?.local('initial_cwd')
  const isUnmoved = state?.local('working_folder') === folder.root
  return typeof initial === 'string' && isUnmoved ? initial : localDir()
}
