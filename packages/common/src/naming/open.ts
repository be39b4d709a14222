import { TerminalError } from '../errors.ts'
import { conventions, type Convention, type NamingConventionName } from './conventions.ts'
import type { NamingConvention } from './naming-convention.ts'
import { isBlank, strip } from './python-text.ts'
import { shortenName } from './shorten.ts'

/** Stands for a name of which nothing is left. dlt lets it be empty, and so makes a column or table without a name. */
const emptyName = '_empty'
/** Most distinct names remembered per function; keys of objects used as dictionaries would fill memory otherwise. */
const rememberedNames = 20_000

/** A name is empty or white space only. */
export class BlankName extends TerminalError {
  override readonly code = 'blank_name'

  constructor() {
    super('A table or column name is empty or white space only. Give it a name with at least one letter or digit.')
  }
}

/** A schema or the configuration asks for a naming convention that is neither built in nor a module that can be found. */
export class UnknownNamingConvention extends TerminalError {
  override readonly code = 'unknown_naming_convention'

  constructor(name: string, reason: string = '', options?: ErrorOptions) {
    const known = Object.keys(conventions)
    super(
      `Naming convention "${name}" is not known${reason}. Set schema.naming to one of: ${known.join(', ')}; or to a ` +
        'module of your own, such as ./my-naming.js.',
      { name, known },
      options,
    )
  }
}

/** Conventions of the user's by their reference, once their modules are loaded. */
const loaded = new Map<string, Convention>()
const opened = new Map<string, NamingConvention>()

/**
 * The naming convention of this name, with names of at most `maxLength` code points. Remembers what it has normalized;
 * the same arguments give the same object.
 *
 * @param name  short name, the import path under which dlt knows it, or the reference of a module that was loaded
 *              before, by `loadNaming`
 * @throws {UnknownNamingConvention}
 */
export function namingConvention(name: string, maxLength?: number): NamingConvention {
  const key = `${name} ${maxLength}`
  const known = opened.get(key)
  if (known !== undefined) return known
  const shortName = builtInNaming(name)
  const convention = shortName === undefined ? loaded.get(name) : conventions[shortName]
  if (convention === undefined) throw new UnknownNamingConvention(name)
  const made = open(shortName ?? name, convention, maxLength)
  opened.set(key, made)
  return made
}

/** The short name of a built-in convention, of that name or dlt's import path; undefined for all others. */
export function builtInNaming(name: string): NamingConventionName | undefined {
  const shortName = /^(?:dlt\.common\.normalizers\.nam(?:ing|es)\.)?(\w+)(?:\.NamingConvention)?$/.exec(name)?.[1]
  return shortName !== undefined && isConventionName(shortName) ? shortName : undefined
}

/** True if {@link namingConvention} knows the name by now. */
export function isNamingLoaded(name: string): boolean {
  return builtInNaming(name) !== undefined || loaded.has(name)
}

/** Makes a convention of the user's known under its reference. */
export function addNaming(reference: string, convention: Convention): void {
  loaded.set(reference, convention)
}

function isConventionName(name: string): name is NamingConventionName {
  return Object.hasOwn(conventions, name)
}

function open(name: string, convention: Convention, limit: number | undefined): NamingConvention {
  const separator = convention.pathSeparator
  const maxLength =
    convention.maxLength === undefined ? limit : Math.min(convention.maxLength, limit ?? convention.maxLength)

  /** May return empty text, which only the whole name replaces: `a__-_` is `a` where `-_` leaves nothing. */
  const identifier = (raw: string): string => {
    const stripped = strip(raw)
    if (stripped === '') throw new BlankName()
    const shortened = shortenName(convention.identifier(stripped), stripped, maxLength)
    return convention.afterShortening === undefined ? shortened : convention.afterShortening(shortened)
  }
  const tableIdentifier =
    convention.tableIdentifier === undefined
      ? identifier
      : (raw: string): string => convention.tableIdentifier?.(identifier(raw)) as string

  const makePath = (parts: readonly string[]): string => parts.filter((part) => !isBlank(part)).join(separator)
  const breakPath = (path: string): string[] => path.split(separator).filter((part) => !isBlank(part))
  const pathOf = (part: (raw: string) => string) => (path: string) =>
    shortenName(makePath(breakPath(path).map(part)), path, maxLength)

  const emptyTable = convention.tableIdentifier?.(emptyName) ?? emptyName
  return {
    name,
    caseSensitive: convention.caseSensitive,
    pathSeparator: separator,
    maxLength,
    normalizeIdentifier: remembered(identifier, emptyName),
    normalizeTableIdentifier: remembered(tableIdentifier, emptyTable),
    normalizePath: remembered(pathOf(identifier), emptyName),
    normalizeTablesPath: remembered(pathOf(tableIdentifier), emptyTable),
    makePath,
    breakPath,
    shortenFragments(parts) {
      const path = makePath(parts)
      return shortenName(path, path, maxLength)
    },
  }
}

function remembered(normalize: (name: string) => string, ifEmpty: string): (name: string) => string {
  const results = new Map<string, string>()
  return (name) => {
    const known = results.get(name)
    if (known !== undefined) return known
    const made = normalize(name) || ifEmpty
    if (results.size >= rememberedNames) results.clear()
    results.set(name, made)
    return made
  }
}
