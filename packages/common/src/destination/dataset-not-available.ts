import { UsageError } from '../config/config-errors.ts'

/** A destination that rows are handed over to is asked for rows. */
export class DatasetNotAvailable extends UsageError {
  override readonly code = 'dataset_not_available'

  constructor(pipelineName: string, destination: string) {
    super(
      `Pipeline "${pipelineName}" loads to sink "${destination}", which keeps no dataset that could be read. ` +
        'Read the data where the function of the sink has put it.',
      { pipelineName, destination },
    )
  }
}
