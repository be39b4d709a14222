import { isSecretName, rememberSecret } from '../redact.ts'
import { dottedProvider, type ConfigDocument } from './document-provider.ts'
import { environmentProvider, type Environment } from './environment-provider.ts'
import { dotted, type ConfigProvider, type Setting } from './provider.ts'
import { ValueNotSecret } from './config-errors.ts'
import { tomlProviders } from './toml-provider.ts'

/** Where settings of a process come from. */
export interface ConfigurationSources {
  /** Given in code, under dlt's dotted names; ahead of all others. */
  readonly settings?: ConfigDocument | undefined
  /** Providers of the user's, after those of the environment and of TOML files. */
  readonly providers?: readonly ConfigProvider[] | undefined
  /** Default: the process's. */
  readonly env?: Environment
}

/** A key that was looked for. */
export interface Tried {
  readonly provider: string
  readonly key: string
}

/**
 * The settings of a process, or of one pipeline in it: providers that are asked in their order (dlt
 * `dlt/common/configuration/resolve.py`). Every key is first looked for under the pipeline's name in all providers, then
 * without; the first hit wins, so that a provider that comes earlier beats a key that is more special.
 */
export class Configuration {
  readonly providers: readonly ConfigProvider[]
  readonly pipelineName: string | undefined

  constructor(providers: readonly ConfigProvider[], pipelineName?: string) {
    this.providers = providers
    this.pipelineName = pipelineName
  }

  /**
   * Code, the environment, `secrets.toml`, `config.toml`, and providers of the user's, in this order.
   *
   * @throws {InvalidUsage} a file that cannot be read
   */
  static open({ settings, providers = [], env = process.env }: ConfigurationSources = {}): Configuration {
    const inCode = settings === undefined ? [] : [dottedProvider('settings in code', settings)]
    return new Configuration([...inCode, environmentProvider(env), ...tomlProviders(env), ...providers])
  }

  /** Variables alone. */
  static ofEnvironment(env: Environment, pipelineName?: string): Configuration {
    return new Configuration([environmentProvider(env)], pipelineName)
  }

  /** The same settings behind others that are given in code. @param name  what those are called in messages */
  behind(name: string, settings: ConfigDocument): Configuration {
    return new Configuration([dottedProvider(name, settings), ...this.providers], this.pipelineName)
  }

  /** The same settings as a pipeline sees them. */
  forPipeline(pipelineName: string): Configuration {
    return new Configuration(this.providers, pipelineName)
  }

  /**
   * The first value that is there.
   *
   * @param paths  sections to look under, in their order; see {@link lookupPaths}
   * @throws {ValueNotSecret} a secret stands where none may stand
   */
  find(key: string, paths: readonly (readonly string[])[], isSecret = false): Setting | undefined {
    for (const { provider, path } of this.#places(key, paths)) {
      const value = provider.get(path, { isSecret })
      if (value === undefined || value === null || value === '') continue
      const setting = { value, provider: provider.name, key: keyOf(provider, path) }
      if (isSecret && provider.supportsSecrets !== true) throw new ValueNotSecret(setting)
      if (typeof value === 'string' && (isSecret || isSecretName(key))) rememberSecret(value)
      return setting
    }
    return undefined
  }

  /** What {@link find} looks for, in its order, for messages. */
  tried(key: string, paths: readonly (readonly string[])[]): readonly Tried[] {
    return [...this.#places(key, paths)].map(({ provider, path }) => ({
      provider: provider.name,
      key: keyOf(provider, path),
    }))
  }

  *#places(
    key: string,
    paths: readonly (readonly string[])[],
  ): Iterable<{ readonly provider: ConfigProvider; readonly path: readonly string[] }> {
    for (const prefix of this.pipelineName === undefined ? [[]] : [[this.pipelineName], []]) {
      for (const provider of this.providers) {
        for (const sections of paths) yield { provider, path: [...prefix, ...sections, key] }
      }
    }
  }
}

function keyOf(provider: ConfigProvider, path: readonly string[]): string {
  return provider.keyOf?.(path) ?? dotted(path)
}
