/**
 * Makes names of tables and columns out of names in data. All results are stable: normalizing one again changes
 * nothing, save for names at the limit of length.
 *
 * Key of a JSON object, name of a declared table → path form. Part of a path, system column → identifier form.
 */
export interface NamingConvention {
  /** As stored in `normalizers.names` of a schema: the short name of a built-in one, else the reference of its module. */
  readonly name: string
  /** True where `A` and `a` are two names. */
  readonly caseSensitive: boolean
  /** Stands between the parts of a name made out of a path in a nested item. */
  readonly pathSeparator: string
  /** Longest name, in code points. */
  readonly maxLength: number | undefined
  /**
   * @returns one name; `_empty` where no character of `identifier` can stay
   * @throws {BlankName} the identifier is empty or white space
   */
  normalizeIdentifier(identifier: string): string
  /** As {@link normalizeIdentifier}, for a table. */
  normalizeTableIdentifier(identifier: string): string
  /** Each part normalized for itself; `_empty` where there is none. */
  normalizePath(path: string): string
  /** As {@link normalizePath}, for a table. */
  normalizeTablesPath(path: string): string
  /** The parts joined, blank ones left out. */
  makePath(parts: readonly string[]): string
  /** The parts between separators, blank ones left out. */
  breakPath(path: string): string[]
  /** Normalized parts joined and shortened as a whole; empty text where there are none. */
  shortenFragments(parts: readonly string[]): string
}
