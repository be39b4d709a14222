import { contractUnderscores, snakeCase, startsWithDigit } from './snake-case.ts'

/** What tells one convention from another. The functions get a stripped, non-empty name; shortening comes after them. */
export interface Convention {
  readonly caseSensitive: boolean
  readonly pathSeparator: string
  /** A limit that holds whatever the destination allows. */
  readonly maxLength?: number
  readonly identifier: (stripped: string) => string
  /** Applied to a shortened identifier. */
  readonly afterShortening?: (shortened: string) => string
  /** Applied to identifiers of tables, after everything else. */
  readonly tableIdentifier?: (identifier: string) => string
}

/** Case kept and most characters too; only what breaks quoting or lines is replaced. */
function duckCase(identifier: string): string {
  return contractUnderscores(identifier.replace(/[\n\r"]/g, '_'))
}

/** Names as they are, save for quotes, line ends and the path separator `▶`. */
function direct(identifier: string): string {
  return identifier.replace(/[\n\r'"▶]/g, '_')
}

/** Names that SQL takes unquoted, case kept. Empty where nothing but underscores is left. */
function sqlCaseSensitive(identifier: string): string {
  const words = identifier.replace(/[^a-zA-Z\p{Nd}_]+/gu, '_')
  const named = startsWithDigit(words) ? `_${words}` : words
  if (named === '_') return named
  let end = named.length
  while (end > 0 && named.charCodeAt(end - 1) === 0x5f) end--
  return contractUnderscores(named.slice(0, end))
}

const lowerCase = (text: string): string => text.toLowerCase()

/** Name of a built-in naming convention, as stored in a schema. */
export type NamingConventionName = 'snake_case' | 'duck_case' | 'direct' | 'sql_cs_v1' | 'sql_ci_v1' | 's3_tables'

/** All conventions by the name that a schema stores (`dlt/common/normalizers/naming/`). */
export const conventions: Readonly<Record<NamingConventionName, Convention>> = {
  snake_case: { caseSensitive: false, pathSeparator: '__', identifier: snakeCase },
  duck_case: { caseSensitive: true, pathSeparator: '__', identifier: duckCase },
  direct: { caseSensitive: true, pathSeparator: '▶', identifier: direct },
  sql_cs_v1: { caseSensitive: true, pathSeparator: '__', identifier: sqlCaseSensitive },
  sql_ci_v1: {
    caseSensitive: false,
    pathSeparator: '__',
    identifier: sqlCaseSensitive,
    afterShortening: lowerCase,
  },
  s3_tables: {
    caseSensitive: false,
    pathSeparator: '__',
    maxLength: 255,
    identifier: snakeCase,
    tableIdentifier: (identifier) => identifier.replace(/^_+/, ''),
  },
}
