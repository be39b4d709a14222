/**
 * A place that settings come from. Paths are dlt's: sections from the outside in, the key last, all as they are written in
 * code and TOML (`['destination', 'postgres', 'credentials']`).
 */
export interface ConfigProvider {
  /** For messages. */
  readonly name: string
  /** Secrets may stand here. One that is found in a place without is refused. Default: false. */
  readonly supportsSecrets?: boolean
  /** The value, text or of any type of JSON; undefined where there is none. */
  get(path: readonly string[], options?: { readonly isSecret?: boolean }): unknown
  /** What to write there so that it is found: a variable's name, a key of TOML. Default: the path with dots. */
  keyOf?(path: readonly string[]): string
  /** Files and other places that were read, and those that are not there, for messages. */
  readonly locations?: { readonly loaded: readonly string[]; readonly missing: readonly string[] }
}

/** A setting as it was found. */
export interface Setting {
  /** Text, or of any type of JSON. */
  readonly value: unknown
  /** Name of the provider. */
  readonly provider: string
  /** What it is called there: `DATASET_NAME`, `pipelines.dataset_name`. */
  readonly key: string
}

/** The dotted form of a path. */
export function dotted(path: readonly string[]): string {
  return path.join('.')
}
