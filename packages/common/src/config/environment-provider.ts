import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigProvider } from './provider.ts'

/** The variables of a process, or of a test. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Variables: sections and key in upper case, with two underscores between them. Empty text counts as not set. Secrets are
 * first looked for as files in `/run/secrets`, in lower case and with `-` for `_`, as container platforms mount them
 * (dlt `dlt/common/configuration/providers/environ.py`).
 */
export function environmentProvider(env: Environment = process.env, secretsFolder = '/run/secrets'): ConfigProvider {
  return {
    name: 'environment',
    supportsSecrets: true,
    keyOf: variableOf,
    get(path, { isSecret = false } = {}) {
      const variable = variableOf(path)
      const text = (isSecret ? mountedSecret(secretsFolder, variable) : undefined) ?? env[variable]
      return text === '' ? undefined : text
    },
  }
}

function variableOf(path: readonly string[]): string {
  return path.join('__').toUpperCase()
}

function mountedSecret(folder: string, variable: string): string | undefined {
  const name = variable.toLowerCase().replaceAll('_', '-')
  const path = join(folder, name)
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  return readFileSync(found.isDirectory() ? join(path, name) : path, 'utf8').trimEnd()
}
