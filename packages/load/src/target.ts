import {
  capabilitiesOf,
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
  usesSingleDataset,
  workingFolder,
  type Configuration,
  type DestinationReference,
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
  /** The dataset as the state calls it: not normalized. Undefined where there is none. */
  readonly dataset: string | undefined
  /** False: each schema but the default one has a dataset of its own. */
  readonly isSingleDataset: boolean
  /** Undefined: not known yet. */
  readonly defaultSchema: string | undefined
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
  const naming = await datasetNaming(state, folder, pipelineName, reference, configuration)
  const ofDestination = configurationOf(reference, configuration)
  const dataset = datasetOf(request.datasetName, capabilitiesOf(reference), configuration, state)
  return {
    reference,
    ...datasetNames(dataset, reference.name, naming, ofDestination),
    pipelineName,
    workingFolder: folder.root,
    localDir: localFolder(state, folder),
    configuration: ofDestination,
    folder,
    isSingleDataset: usesSingleDataset(request.useSingleDataset, configuration),
    defaultSchema: state?.defaultSchemaName,
    dataset,
    naming: naming.name,
  }
}

/**
 * Where the tables of a schema go: to the pipeline's dataset, or to `<dataset>_<schema>` where datasets are not single and
 * the schema is not the default one (dlt `dlt/common/destination/client.py`, `normalize_dataset_name`).
 */
export function targetOfSchema(
  target: LoadTarget,
  schemaName: string,
  defaultSchema: string | undefined = target.defaultSchema,
): LoadTarget {
  const { dataset, naming, reference, configuration } = target
  if (target.isSingleDataset || dataset === undefined) return target
  if (defaultSchema === undefined || schemaName === defaultSchema) return target
  const ofSchema = `${dataset}_${schemaName}`
  return { ...target, ...datasetNames(ofSchema, reference.name, namingConvention(naming), configuration) }
}

/** What a dataset and its staging dataset are called; nothing where there is none. */
function datasetNames(
  dataset: string | undefined,
  destination: string,
  naming: NamingConvention,
  configuration: Configuration,
): Pick<OpenDestination, 'datasetName' | 'stagingDatasetName'> {
  if (dataset === undefined) return { datasetName: '', stagingDatasetName: '' }
  const datasetName = naming.normalizeTableIdentifier(dataset)
  return { datasetName, stagingDatasetName: stagingDatasetName({ datasetName, destination, naming }, configuration) }
}

/**
 * Names of datasets follow the convention of the pipeline's schema, or of the one that it would get
 * (dlt `DestinationClientDwhConfiguration`).
 */
async function datasetNaming(
  state: PipelineState | undefined,
  folder: WorkingFolder,
  pipelineName: string,
  reference: DestinationReference,
  configuration: Configuration,
): Promise<NamingConvention> {
  const name = state?.defaultSchemaName
  const schema = typeof name === 'string' ? await tryReadNewestSchema(folder, name) : undefined
  const configured = normalizerSettings(name ?? pipelineName, configuration, capabilitiesOf(reference)).naming
  const convention = schema?.normalizers.names ?? configured ?? 'snake_case'
  await loadNaming(convention)
  return namingConvention(convention)
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
