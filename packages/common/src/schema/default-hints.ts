import type { NamingConvention } from '../naming/naming-convention.ts'
import type { DataType } from '../values/data-type.ts'
import type { Column, SchemaSettings } from './model.ts'
import { canonicalPattern, compilePattern, normalizePattern, type NameTest } from './patterns.ts'
import type { SystemNames } from './system-tables.ts'

type DefaultHints = NonNullable<SchemaSettings['default_hints']>

/** The hints of a column that is seen for the first time: `nullable`, and `true` for each hint whose pattern it meets. */
export type NewColumnHints = Omit<Column, 'name' | 'data_type'> & { readonly nullable: boolean }

/** Hints that every new schema gives to dlt's own columns. */
export function systemDefaultHints(names: SystemNames): DefaultHints {
  return {
    not_null: [names.rowId, names.rootId, names.parentId, names.listIndex, names.loadId],
    parent_key: [names.parentId],
    root_key: [names.rootId],
    unique: [names.rowId],
    row_key: [names.rowId],
  }
}

/**
 * Compiles `settings.default_hints` into a function from normalized column name to the hints of the new column.
 *
 * @throws {InvalidPattern}
 */
export function compileDefaultHints(settings: SchemaSettings): (column: string) => NewColumnHints {
  const tests: [string, readonly NameTest[]][] = Object.entries(settings.default_hints ?? {}).map(
    ([hint, patterns]) => [hint, patterns.map(compilePattern)],
  )
  return (column) => {
    let nullable = true
    const hints: Record<string, true> = {}
    for (const [hint, patterns] of tests) {
      if (!patterns.some((meets) => meets(column))) continue
      if (hint === 'not_null') nullable = false
      else hints[hint] = true
    }
    return { nullable, ...hints }
  }
}

/**
 * Compiles `settings.preferred_types` into a function from normalized column name to the type that replaces the
 * inferred one; the first pattern that meets the name wins.
 *
 * @throws {InvalidPattern}
 */
export function compilePreferredTypes(settings: SchemaSettings): (column: string) => DataType | undefined {
  const tests = Object.entries(settings.preferred_types ?? {}).map(
    ([pattern, type]) => [compilePattern(pattern), type] as const,
  )
  return (column) => tests.find(([meets]) => meets(column))?.[1]
}

/** Default hints with more patterns at the end; one that is there in other words (`x`, `re:^x$`) is not added again. */
export function mergeDefaultHints(settings: SchemaSettings, added: DefaultHints): SchemaSettings {
  const merged: Record<string, readonly string[]> = { ...settings.default_hints }
  for (const [hint, patterns] of Object.entries(added)) merged[hint] = distinct([...(merged[hint] ?? []), ...patterns])
  return { ...settings, default_hints: merged }
}

/** Default hints and preferred types with all patterns that name one column normalized. */
export function normalizeSettings(settings: SchemaSettings, naming: NamingConvention): SchemaSettings {
  const normalized: { -readonly [Key in keyof SchemaSettings]: SchemaSettings[Key] } = { ...settings }
  if (settings.default_hints !== undefined) {
    normalized.default_hints = Object.fromEntries(
      Object.entries(settings.default_hints).map(([hint, patterns]) => [
        hint,
        patterns.map((pattern) => normalizePattern(pattern, naming)),
      ]),
    )
  }
  if (settings.preferred_types !== undefined) {
    normalized.preferred_types = Object.fromEntries(
      Object.entries(settings.preferred_types).map(([pattern, type]) => [normalizePattern(pattern, naming), type]),
    )
  }
  return normalized
}

function distinct(patterns: readonly string[]): string[] {
  const seen = new Set<string>()
  return patterns.filter((pattern) => {
    const canonical = canonicalPattern(pattern)
    if (seen.has(canonical)) return false
    seen.add(canonical)
    return true
  })
}
