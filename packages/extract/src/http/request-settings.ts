import { Configuration, flagOf, InvalidUsage, numberOf, type Environment, type Setting } from '@gantry/common'

/** How requests are sent, tried again, and reported. Seconds, as in dlt's settings of the same names. */
export interface RequestSettings {
  /** Seconds without a byte from the server, or those until it answers and those after. Default: 60. */
  readonly requestTimeout: number | readonly [connect: number, read: number]
  /** Attempts in total. Default: 5. */
  readonly requestMaxAttempts: number
  /** Seconds before the second attempt; they double from attempt to attempt. Default: 1. */
  readonly requestBackoffFactor: number
  /** The longest wait between attempts, in seconds. Default: 300. */
  readonly requestMaxRetryDelay: number
  /** True: errors show the beginning of the answer's body. Default: false. */
  readonly httpShowErrorBody: boolean
  /** Characters of the body that an error shows. Default: 8192. */
  readonly httpMaxErrorBodyLength: number
}

const defaults: RequestSettings = {
  requestTimeout: 60,
  requestMaxAttempts: 5,
  requestBackoffFactor: 1,
  requestMaxRetryDelay: 300,
  httpShowErrorBody: false,
  httpMaxErrorBodyLength: 8192,
}

/**
 * The settings as given, else `[runtime] request_timeout` and its kin, else their defaults (dlt
 * `dlt/common/configuration/specs/runtime_configuration.py`).
 *
 * @throws {InvalidUsage} names the option or setting that makes no sense
 */
export function requestSettings(
  given: { readonly [Key in keyof RequestSettings]?: RequestSettings[Key] | undefined } = {},
  env: Environment = process.env,
): RequestSettings {
  const configuration = Configuration.open({ env })
  const find = (key: string): Setting | undefined => configuration.find(key, [['runtime']])
  const number = (key: string): number | undefined => numberOf(find(key))
  const settings: RequestSettings = {
    requestTimeout: given.requestTimeout ?? timeoutOf(find('request_timeout')) ?? defaults.requestTimeout,
    requestMaxAttempts: given.requestMaxAttempts ?? number('request_max_attempts') ?? defaults.requestMaxAttempts,
    requestBackoffFactor:
      given.requestBackoffFactor ?? number('request_backoff_factor') ?? defaults.requestBackoffFactor,
    requestMaxRetryDelay:
      given.requestMaxRetryDelay ?? number('request_max_retry_delay') ?? defaults.requestMaxRetryDelay,
    httpShowErrorBody: given.httpShowErrorBody ?? flagOf(find('http_show_error_body')) ?? defaults.httpShowErrorBody,
    httpMaxErrorBodyLength:
      given.httpMaxErrorBodyLength ?? number('http_max_error_body_length') ?? defaults.httpMaxErrorBodyLength,
  }
  check(settings)
  return settings
}

function check({
  requestTimeout,
  requestMaxAttempts,
  requestBackoffFactor,
  requestMaxRetryDelay,
}: RequestSettings): void {
  const seconds = typeof requestTimeout === 'number' ? [requestTimeout] : requestTimeout
  if (!seconds.every((one) => one > 0)) throw new InvalidUsage('"requestTimeout" takes seconds above zero.')
  if (!Number.isInteger(requestMaxAttempts) || requestMaxAttempts < 1) {
    throw new InvalidUsage(`"requestMaxAttempts" takes 1 or more, not ${requestMaxAttempts}.`)
  }
  for (const [name, value] of Object.entries({ requestBackoffFactor, requestMaxRetryDelay })) {
    if (!(value >= 0)) throw new InvalidUsage(`"${name}" takes seconds from zero, not ${value}.`)
  }
}

/** One number, or a pair: in TOML a list, in the environment `[3, 30]`. */
function timeoutOf(setting: Setting | undefined): RequestSettings['requestTimeout'] | undefined {
  if (setting === undefined) return undefined
  const text = Array.isArray(setting.value) ? JSON.stringify(setting.value) : String(setting.value)
  const pair = /^[[(]\s*([\d.]+)\s*,\s*([\d.]+)\s*[\])]$/.exec(text.trim())
  return pair === null ? numberOf(setting) : [Number(pair[1]), Number(pair[2])]
}
