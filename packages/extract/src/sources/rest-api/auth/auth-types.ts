import { Configuration, storedSpelling, textOf, type Environment } from '@gantry/common'
import { checkOptions } from '../check-options.ts'
import { InvalidRestConfig } from '../invalid-rest-config.ts'
import { ApiKeyAuth, type ApiKeyOptions } from './api-key-auth.ts'
import { isAuth, type Auth } from './auth.ts'
import { BearerTokenAuth, type BearerOptions } from './bearer-auth.ts'
import { HttpBasicAuth, type HttpBasicOptions } from './http-basic-auth.ts'
import { OAuth2ClientCredentials, type OAuth2ClientCredentialsOptions } from './oauth2-client-credentials.ts'

/** The auths that have a name in configuration. What is left out is looked for among the source's credentials. */
export type AuthOptions =
  | ({ readonly type?: 'bearer' } & Partial<BearerOptions>)
  | ({ readonly type: 'api_key' } & Partial<ApiKeyOptions>)
  | ({ readonly type: 'http_basic' } & Partial<HttpBasicOptions>)
  | ({ readonly type: 'oauth2_client_credentials' } & Partial<OAuth2ClientCredentialsOptions>)

/** An auth as configuration has it: an object, a name, or a name with options. Own types by {@link registerAuth}. */
export type AuthConfig = Auth | AuthOptions | NonNullable<AuthOptions['type']> | OwnAuthOptions | (string & {})

interface OwnAuthOptions {
  readonly type: string & {}
  readonly [option: string]: unknown
}

type AuthMaker = new (options: never) => Auth

interface AuthType {
  readonly make: AuthMaker
  /** Undefined: whatever the class takes, and nothing is looked for. */
  readonly options: readonly string[] | undefined
}

const types = new Map<string, AuthType>([
  ['bearer', { make: BearerTokenAuth, options: ['token'] }],
  ['api_key', { make: ApiKeyAuth, options: ['apiKey', 'name', 'location'] }],
  ['http_basic', { make: HttpBasicAuth, options: ['username', 'password'] }],
  [
    'oauth2_client_credentials',
    {
      make: OAuth2ClientCredentials,
      options: [
        'accessTokenUrl',
        'clientId',
        'clientSecret',
        'accessTokenRequestData',
        'defaultTokenExpiration',
        'session',
        'clock',
      ],
    },
  ],
])

/** Options that are texts, and can therefore stand in the environment. */
const textOptions = new Set(['token', 'apiKey', 'username', 'password', 'accessTokenUrl', 'clientId', 'clientSecret'])

/** Gives an auth of one's own a name for configurations; its class is made with the options beside `type`. */
export function registerAuth(type: string, auth: AuthMaker): void {
  types.set(type, { make: auth, options: undefined })
}

/** Where the credentials of a source are looked for. */
export interface CredentialsPlace {
  readonly section: string
  readonly sourceName: string
  readonly env?: Environment | undefined
}

/**
 * The auth that a configuration means.
 *
 * @param place  of the configuration, for messages: `./client/auth`
 * @throws {InvalidRestConfig} an unknown type or option, or one that is found nowhere
 */
export function createAuth(config: AuthConfig, place: string, credentials: CredentialsPlace): Auth {
  if (isAuth(config)) return config
  const { type = 'bearer', ...given } = typeof config === 'string' ? { type: config } : (config as OwnAuthOptions)
  const known = types.get(type)
  if (known === undefined) {
    throw new InvalidRestConfig(`${place}: there is no such auth. Known types: ${[...types.keys()].join(', ')}.`, {
      place,
    })
  }
  const options: Record<string, unknown> = { ...given }
  if (known.options !== undefined) {
    checkOptions(given, known.options, place)
    for (const key of known.options) {
      if (textOptions.has(key)) options[key] ??= credential(key, credentials)
    }
  }
  try {
    return new known.make(options as never)
  } catch (error) {
    if (!(error instanceof InvalidRestConfig)) throw error
    const key = String(error.details['key'])
    const variable = [...(sectionsOf(credentials)[0] ?? []), storedSpelling(key)].join('__').toUpperCase()
    const where = textOptions.has(key) ? ` Set it there, or as ${variable}.` : ''
    throw new InvalidRestConfig(`${place}: ${error.message}${where}`, { place, key }, { cause: error })
  }
}

/** Those of the texts that nobody may see. */
function isSecretOption(key: string): boolean {
  return ['token', 'apiKey', 'password', 'clientSecret'].includes(key)
}

/** `sources.<section>.<source>.credentials.<key>`, and the same with fewer sections. */
function credential(key: string, place: CredentialsPlace): string | undefined {
  const configuration = Configuration.open(place.env === undefined ? {} : { env: place.env })
  return textOf(configuration.find(storedSpelling(key), sectionsOf(place), isSecretOption(key)))
}

function sectionsOf({ section, sourceName }: CredentialsPlace): readonly (readonly string[])[] {
  const names = section === sourceName ? [[section]] : [[section, sourceName], [sourceName], [section]]
  return [...names.map((path) => ['sources', ...path, 'credentials']), ['sources', 'credentials'], ['credentials']]
}
