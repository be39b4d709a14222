import { environmentSetting, InvalidUsage, type Environment, type NamingConvention } from '@gantry/common'

/** What is asked for: the dataset that the rows of another one wait in. */
interface StagedDataset {
  readonly datasetName: string
  readonly destination: string
  readonly pipelineName: string
  /** Of the pipeline's schema. */
  readonly naming: NamingConvention
}

/**
 * Name of the dataset where rows wait: `DESTINATION__<NAME>__STAGING_DATASET_NAME_LAYOUT`,
 * `DESTINATION__STAGING_DATASET_NAME_LAYOUT`, else `%s_staging`, where `%s` is the dataset; without it the layout is the
 * name (dlt `dlt/common/destination/client.py`).
 *
 * @throws {InvalidUsage} it would be the dataset itself
 */
export function stagingDatasetName(
  { datasetName, destination, pipelineName, naming }: StagedDataset,
  env: Environment = process.env,
): string {
  const sections = [['DESTINATION', destination], ['DESTINATION']]
  const setting = environmentSetting('STAGING_DATASET_NAME_LAYOUT', sections, pipelineName, env)
  const name = naming.normalizeTableIdentifier((setting?.text ?? '%s_staging').replaceAll('%s', datasetName))
  if (name !== datasetName) return name
  throw new InvalidUsage(
    `${setting?.variable} is "${setting?.text}": dataset "${datasetName}" would be its own staging dataset. ` +
      'Give it a layout such as %s_staging, or the name of another dataset.',
    { datasetName, variable: setting?.variable },
  )
}
