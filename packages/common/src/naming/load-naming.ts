import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TerminalError } from '../errors.ts'
import type { Convention } from './conventions.ts'
import { addNaming, isNamingLoaded, UnknownNamingConvention } from './open.ts'

/*
 * Naming conventions of the user's. A schema stores the reference of the module as it was given, so that its hash is the
 * same on every machine; each process that needs the names imports the module anew.
 */

/**
 * A naming convention of your own: the default export of a module. All functions must be pure, and must give the same
 * name when they get a name that they have given. Gantry strips white space before, and shortens what comes out.
 */
export interface CustomNaming {
  /** True where `A` and `a` are two names; then case-insensitive destinations are checked for names that collide. */
  readonly caseSensitive: boolean
  /** Stands between the parts of a name made out of a path in a nested item. Default: `__`. */
  readonly pathSeparator?: string
  /** A limit of length, in code points, that holds whatever the destination allows. Default: none. */
  readonly maxLength?: number
  /**
   * One name, or one part of a name made out of a path. Never gets empty text. What `_dlt` becomes must be the beginning
   * of what `_dlt_loads` becomes.
   */
  normalizeIdentifier(identifier: string): string
  /** The name of a table, out of what `normalizeIdentifier` has made of it. Default: the same. */
  normalizeTableIdentifier?(identifier: string): string
}

/** A module gives no naming convention, or one that does not do what it has to. */
export class InvalidNamingModule extends TerminalError {
  override readonly code = 'invalid_naming_module'

  constructor(reference: string, problem: string, options?: ErrorOptions) {
    super(
      `Naming convention "${reference}" ${problem}. A module has to export { caseSensitive, normalizeIdentifier(name) } ` +
        'as default, or under the name behind a #.',
      { reference },
      options,
    )
  }
}

/**
 * Makes the conventions known to `namingConvention`; those that are built in or known already are left as they are.
 *
 * @param references  `./file.js` and other paths, relative to the current folder; `file:` URLs; names of packages as seen
 *                    from the current folder. `#name` at the end takes that export instead of the default one
 * @throws {UnknownNamingConvention} there is no such module
 * @throws {InvalidNamingModule} the module cannot be run, or lacks what it has to export
 */
export async function loadNaming(...references: readonly string[]): Promise<void> {
  for (const reference of references) {
    if (!isNamingLoaded(reference)) addNaming(reference, conventionOf(reference, await importNaming(reference)))
  }
}

async function importNaming(reference: string): Promise<unknown> {
  const [path, exportName = 'default'] = reference.split('#') as [string, string?]
  const url = moduleUrl(reference, path)
  try {
    return ((await import(url)) as Record<string, unknown>)[exportName]
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && path.endsWith('ts')) {
      throw new InvalidNamingModule(
        reference,
        `is TypeScript, which Node ${process.versions.node} does not run; compile it, or use Node 22.18 or later`,
        { cause },
      )
    }
    throw new InvalidNamingModule(reference, `cannot be imported: ${String(cause)}`, { cause })
  }
}

/** A schema may come from elsewhere, so only modules that are installed here are imported, no code inside a URL. */
function moduleUrl(reference: string, path: string): string {
  const here = join(process.cwd(), 'naming.js')
  if (/^(?:file:|\.{0,2}\/)/.test(path)) {
    const url = new URL(path, pathToFileURL(here))
    if (!existsSync(url)) throw notFound(reference)
    return url.href
  }
  if (path === '' || path.includes(':')) throw notFound(reference)
  try {
    return pathToFileURL(createRequire(here).resolve(path)).href
  } catch (cause) {
    // A package for import only: it is found where Gantry itself is installed.
    if ((cause as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return path
    throw notFound(reference, { cause })
  }
}

function notFound(reference: string, options?: ErrorOptions): UnknownNamingConvention {
  return new UnknownNamingConvention(
    reference,
    `: it is not built in, and no module of that name is found from ${process.cwd()}`,
    options,
  )
}

function conventionOf(reference: string, exported: unknown): Convention {
  if (!isCustomNaming(exported)) {
    throw new InvalidNamingModule(reference, `does not give a naming convention: ${whatIsWrong(exported)}`)
  }
  const { caseSensitive, pathSeparator = '__', maxLength } = exported
  const checked = (kind: 'normalizeIdentifier' | 'normalizeTableIdentifier') => (name: string) => {
    const made: unknown = exported[kind]?.(name)
    if (typeof made === 'string') return made
    throw new InvalidNamingModule(reference, `made no text of "${name}": ${kind} gave ${String(made)}`)
  }
  return {
    caseSensitive,
    pathSeparator,
    ...(maxLength === undefined ? {} : { maxLength }),
    identifier: checked('normalizeIdentifier'),
    ...(exported.normalizeTableIdentifier === undefined
      ? {}
      : { tableIdentifier: checked('normalizeTableIdentifier') }),
  }
}

function isCustomNaming(exported: unknown): exported is CustomNaming {
  return whatIsWrong(exported) === undefined
}

function whatIsWrong(exported: unknown): string | undefined {
  if (exported === undefined) return 'there is no such export'
  if (typeof exported !== 'object' || exported === null) return 'the export is not an object'
  const { caseSensitive, pathSeparator, maxLength, normalizeIdentifier, normalizeTableIdentifier } =
    exported as Partial<CustomNaming>
  if (typeof caseSensitive !== 'boolean') return 'caseSensitive must be true or false'
  if (typeof normalizeIdentifier !== 'function') return 'normalizeIdentifier must be a function'
  if (!['undefined', 'function'].includes(typeof normalizeTableIdentifier)) {
    return 'normalizeTableIdentifier must be a function'
  }
  if (pathSeparator !== undefined && (typeof pathSeparator !== 'string' || pathSeparator === '')) {
    return 'pathSeparator must be text'
  }
  if (maxLength !== undefined && !(Number.isInteger(maxLength) && maxLength > 0)) return 'maxLength must be an integer'
  return undefined
}
