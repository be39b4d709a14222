import { UsageError } from './config-errors.ts'
import type { Configuration, Tried } from './configuration.ts'

/** A field that was found nowhere. */
export interface MissingField {
  readonly name: string
  readonly isSecret: boolean
  readonly paths: readonly (readonly string[])[]
}

/** Settings that are needed and were found nowhere: which, every key that was tried, and where to put them. */
export class ConfigFieldMissing extends UsageError {
  override readonly code = 'config_field_missing'

  /**
   * @param what  what needs them: `Resource "issues"`
   * @param hint  another way to give them, as a sentence
   */
  constructor(what: string, fields: readonly MissingField[], configuration: Configuration, hint = '') {
    const names = fields.map(({ name }) => name)
    super(message(what, fields, configuration, hint), { fields: names })
  }
}

function message(what: string, fields: readonly MissingField[], configuration: Configuration, hint: string): string {
  const lines = [`${what} lacks ${fields.map(({ name }) => name).join(', ')}. ${advice(fields, configuration)}${hint}`]
  for (const { name, paths } of fields) {
    lines.push(`  ${name} was looked for in this order:`)
    for (const [provider, keys] of byProvider(configuration.tried(name, paths))) {
      lines.push(`    ${provider}: ${keys.join(', ')}`)
    }
  }
  for (const { name, locations } of configuration.providers) {
    for (const path of locations?.loaded ?? []) lines.push(`  ${name} was read from ${path}`)
    for (const path of locations?.missing ?? []) lines.push(`  ${name} is not there: ${path}`)
  }
  return lines.join('\n')
}

/** The shortest way to set the first of them. */
function advice(fields: readonly MissingField[], configuration: Configuration): string {
  const [field] = fields
  if (field === undefined) return ''
  const [special = []] = field.paths
  const variable = [...special, field.name].join('__').toUpperCase()
  const file = field.isSecret ? 'secrets.toml' : 'config.toml'
  const path = configuration.providers
    .filter(({ name }) => name === file)
    .flatMap(({ locations }) => [...(locations?.loaded ?? []), ...(locations?.missing ?? [])])
    .at(-1)
  const table = special.length === 0 ? '' : `[${special.join('.')}] `
  const inFile = path === undefined ? '' : `, or write ${table}${field.name} = … in ${path}`
  return `Set ${variable} in the environment${inFile}. `
}

/** Runs of keys of one provider, so that a line says where to look and in which order. */
function byProvider(tried: readonly Tried[]): readonly (readonly [provider: string, keys: string[]])[] {
  const runs: [string, string[]][] = []
  for (const { provider, key } of tried) {
    const last = runs.at(-1)
    if (last?.[0] === provider) last[1].push(key)
    else runs.push([provider, [key]])
  }
  return runs
}
