import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as smolToml from 'smol-toml'
import { globalFolder, runFolders } from '../storage/folders.ts'
import { InvalidUsage } from './config-errors.ts'
import { documentProvider, merge, type ConfigDocument } from './document-provider.ts'
import type { Environment } from './environment-provider.ts'
import type { ConfigProvider } from './provider.ts'

/**
 * `secrets.toml` and `config.toml`, in this order: each of the project's settings folder, laid over the one of dlt's global
 * folder key by key. The settings folder is `.dlt`, or what `DLT_CONFIG_FOLDER` calls it, in `DLT_PROJECT_DIR` or the
 * current folder (dlt `dlt/common/configuration/providers/toml.py`).
 *
 * @throws {InvalidUsage} a file that is no TOML, with its place
 */
export function tomlProviders(
  env: Environment = process.env,
): readonly [secrets: ConfigProvider, config: ConfigProvider] {
  const folders = [globalFolder(env), runFolders(env).settingsDir]
  return [tomlProvider('secrets.toml', folders, true), tomlProvider('config.toml', folders, false)]
}

function tomlProvider(name: string, folders: readonly string[], supportsSecrets: boolean): ConfigProvider {
  const document: Record<string, unknown> = {}
  const loaded: string[] = []
  const missing: string[] = []
  for (const path of new Set(folders.map((folder) => join(folder, name)))) {
    const text = tryRead(path)
    if (text === undefined) missing.push(path)
    else {
      loaded.push(path)
      merge(document, parseToml(text, path))
    }
  }
  return documentProvider(name, document, { supportsSecrets, locations: { loaded, missing } })
}

function tryRead(path: string): string | undefined {
  // Nor is it there in a folder that the user may not enter.
  if (!existsSync(path)) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new InvalidUsage(`The settings in ${path} cannot be read: ${(error as Error).message}.`, { path })
  }
}

function parseToml(text: string, path: string): ConfigDocument {
  try {
    return loadParser().parse(text, { integersAsBigInt: 'asNeeded' })
  } catch (error) {
    const { line, column } = error as { line?: number; column?: number }
    const place = line === undefined ? '' : `, line ${line}, column ${column}`
    // The parser's message repeats the lines, which may hold a secret.
    const why = (error as Error).message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? ''
    throw new InvalidUsage(`${path}${place} is no TOML: ${why}.`, { path, line, column })
  }
}

type TomlParser = Pick<typeof smolToml, 'parse'>

/** Most projects of a single command have no file: the parser is loaded by the first that is there. */
function loadParser(): TomlParser {
  return createRequire(import.meta.url)('smol-toml') as TomlParser
}
