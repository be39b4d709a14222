import { InvalidUsage, textOf, type Configuration, type NamingConvention } from '@gantry/common'

/** What is asked for: the dataset that the rows of another one wait in. */
interface StagedDataset {
  readonly datasetName: string
  readonly destination: string
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
  { datasetName, destination, naming }: StagedDataset,
  configuration: Configuration,
): string {
  const setting = configuration.find('staging_dataset_name_layout', [['destination', destination], ['destination']])
  const layout = textOf(setting) ?? '%s_staging'
  const name = naming.normalizeTableIdentifier(layout.replaceAll('%s', datasetName))
  if (name !== datasetName) return name
  throw new InvalidUsage(
    `${setting?.key} is "${layout}": dataset "${datasetName}" would be its own staging dataset. ` +
      'Give it a layout such as %s_staging, or the name of another dataset.',
    { datasetName, key: setting?.key },
  )
}
