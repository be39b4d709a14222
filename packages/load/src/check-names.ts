import {
  isComplete,
  namingConvention,
  systemNames,
  TerminalError,
  type Capabilities,
  type NamingConvention,
  type Schema,
} from '@gantry/common'

/*
 * Names of a schema against what the destination can tell apart, before anything is written there
 * (dlt `dlt/common/destination/utils.py`, `verify_schema_capabilities`).
 */

/** Two tables, or two columns of a table, have names that are one name at the destination. Lists all such problems. */
export class SchemaIdentifierNormalizationCollision extends TerminalError {
  override readonly code = 'schema_identifier_normalization_collision'
}

/** Tables or columns have names that are longer than the destination takes; all of them are listed. */
export class IdentifierTooLong extends TerminalError {
  override readonly code = 'identifier_too_long'
}

interface NameProblem {
  readonly kind: 'collision' | 'length'
  readonly text: string
}

/**
 * Refuses a schema whose data tables or columns the destination would confuse, or whose names it would cut.
 *
 * @throws {SchemaIdentifierNormalizationCollision} names collide; lists names that are too long, too
 * @throws {IdentifierTooLong} names are too long, and none collide
 */
export function checkNames(schema: Schema, capabilities: Capabilities): void {
  const naming = namingConvention(schema.normalizers.names)
  const { prefix } = systemNames(naming)
  const tables = [...schema.tables.values()].filter(
    (table) => !table.name.startsWith(prefix) && [...table.columns.values()].some(isComplete),
  )
  const problems = problemsOf(
    'table',
    tables.map(({ name }) => name),
    '',
    naming,
    capabilities,
  )
  for (const table of tables) {
    problems.push(...problemsOf('column', [...table.columns.keys()], ` of table "${table.name}"`, naming, capabilities))
  }
  if (problems.length === 0) return
  const Problem = problems.some(({ kind }) => kind === 'collision')
    ? SchemaIdentifierNormalizationCollision
    : IdentifierTooLong
  throw new Problem(
    `The names of schema "${schema.name}" will not do at destination ${capabilities.destination}, so nothing was ` +
      `loaded:\n${problems.map(({ text }) => `  ${text}`).join('\n')}\n` +
      'Give the fields other names in the data, or use a naming convention that ignores case, such as snake_case, which ' +
      'puts both into one. To give up a package that is normalized already, remove its folder under load/normalized.',
    { schema: schema.name, destination: capabilities.destination, problems: problems.map(({ text }) => text) },
  )
}

function problemsOf(
  what: 'table' | 'column',
  names: readonly string[],
  place: string,
  naming: NamingConvention,
  capabilities: Capabilities,
): NameProblem[] {
  const problems: NameProblem[] = []
  const { destination, maxIdentifierLength, maxIdentifierBytes = Infinity } = capabilities
  const seen = new Map<string, string>()
  for (const name of names) {
    const key = nameKey(name, naming, capabilities)
    const other = seen.get(key)
    if (other !== undefined) {
      problems.push({
        kind: 'collision',
        text: `${what}s "${other}" and "${name}"${place} are one name there, where case does not count`,
      })
    }
    seen.set(key, name)
    const length = Array.from(name).length
    if (length > maxIdentifierLength) {
      problems.push({
        kind: 'length',
        text: `${what} "${name}"${place} has ${length} characters, ${destination} takes ${maxIdentifierLength}`,
      })
    } else if (Buffer.byteLength(name) > maxIdentifierBytes) {
      problems.push({
        kind: 'length',
        text: `${what} "${name}"${place} has ${Buffer.byteLength(name)} bytes in UTF-8, ${destination} takes ${maxIdentifierBytes}`,
      })
    }
  }
  return problems
}

/** Equal for names that are one name at the destination. */
function nameKey(name: string, naming: NamingConvention, capabilities: Capabilities): string {
  const { hasCaseSensitiveIdentifiers: isSensitive, identifierFold } = capabilities
  const folded = isSensitive ? name : foldCase(name)
  const fold = isSensitive && naming.caseSensitive ? 'none' : identifierFold
  return fold === 'none' ? folded : fold === 'lower' ? folded.toLowerCase() : folded.toUpperCase()
}

/**
 * Equal for texts that Unicode's full case folding makes equal: `ß` and `SS`, `ς` and `Σ`. Only the dotless `ı` would
 * come back from its capital as another letter.
 */
function foldCase(text: string): string {
  return text
    .split('ı')
    .map((part) => part.toLowerCase().toUpperCase().toLowerCase())
    .join('ı')
}
