import { UsageError } from '@gantry/common'

/** Something in the configuration of a REST source, a paginator or an auth that cannot be; the message names the key. */
export class InvalidRestConfig extends UsageError {
  override readonly code = 'invalid_rest_config'
}
