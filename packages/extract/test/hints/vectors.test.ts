import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  capabilitiesOf,
  decodeSchema,
  namingConvention,
  newSchema,
  normalizerHints,
  parseSchema,
  type NormalizersConfig,
  type Schema,
  type Table,
} from '@gantry/common'
import { declareTables } from '../../src/hints/declare.ts'
import { declaredTables } from '../../src/hints/declared-tables.ts'
import type { ColumnHints, StaticHints } from '../../src/hints/hints.ts'

/*
 * dlt's own answers to hints: `hints` of a case are arguments of resources in dlt's spelling, `schema_json` is the schema
 * that dlt's extract made of them, on top of what the package before left.
 */

type DltHints = Readonly<Record<string, Readonly<Record<string, unknown>>>>

interface Case {
  readonly name: string
  readonly hints?: DltHints
  readonly schema_settings?: { readonly json_config?: object }
  readonly packages: readonly { readonly schema_json?: string; readonly hints?: DltHints }[]
  readonly expect: readonly Result[]
  readonly gantry?: { readonly expect?: readonly Result[] }
}

interface Result {
  readonly tables?: Readonly<Record<string, { readonly columns: readonly { name: string }[]; readonly table: object }>>
}

interface Declaration {
  readonly name: string
  readonly before: Schema
  readonly hints: DltHints
  readonly after: Schema
}

const rules = {
  naming: namingConvention('snake_case', capabilitiesOf('duckdb').maxIdentifierLength),
  mergeStrategies: capabilitiesOf('duckdb').mergeStrategies,
}

const declarations = readFileSync(new URL('../../../../test/parity/vectors/normalize.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .flatMap((line) => declarationsOf(JSON.parse(line) as Case))

describe('tables declared by hints are those of dlt', () => {
  it('in enough cases', () => {
    expect(declarations.length).toBeGreaterThan(170)
  })

  it.each(declarations)('$name', ({ before, hints, after }) => {
    let schema = before
    for (const [table, given] of Object.entries(hints)) {
      const tables = declaredTables(table, table, hintsOf(given, after), rules.naming)
      schema = declareTables(schema, tables, rules)?.schema ?? schema
    }
    expect(plain(schema.tables)).toEqual(plain(withStateOf(before, after).tables))
    expect(schema.normalizers).toEqual(after.normalizers)
  })
})

/** What a case declares, package by package; nothing where the schema does not say that hints were given by then. */
function declarationsOf(test: Case): Declaration[] {
  const declared: Declaration[] = []
  let before = emptySchema(test)
  for (const [at, { schema_json: text, hints = test.hints }] of test.packages.entries()) {
    if (text !== undefined && hints !== undefined) {
      const after = parseSchema(text)
      if (Object.keys(hints).every((table) => after.tables.has(table))) {
        declared.push({ name: `${test.name}, package ${at + 1}`, before, hints, after })
      }
      before = after
    }
    const result = (test.gantry?.expect ?? test.expect)[at]
    before = withResult(before, result)
  }
  return declared
}

function emptySchema(test: Case): Schema {
  const empty = newSchema('t', rules.naming)
  const config = test.schema_settings?.json_config
  const json = { ...empty.normalizers.json, ...(config === undefined ? {} : { config }) }
  return { ...empty, normalizers: { ...empty.normalizers, json } as NormalizersConfig }
}

/** The schema as normalize left it. */
function withResult(schema: Schema, result: Result | undefined): Schema {
  const tables = new Map(schema.tables)
  for (const [name, { columns, table }] of Object.entries(result?.tables ?? {})) {
    const document = { ...table, columns: Object.fromEntries(columns.map((column) => [column.name, column])) }
    const decoded = decodeSchema({ ...schema, tables: { [name]: document } })
    tables.set(name, decoded.tables.get(name) as Table)
  }
  return { ...schema, tables }
}

/** dlt's hints replace `x-normalizer`; ours leave in it what normalize has put there. */
function withStateOf(before: Schema, after: Schema): Schema {
  const tables = new Map(after.tables)
  for (const [name, table] of after.tables) {
    const state = { ...normalizerHints(before.tables.get(name)), ...normalizerHints(table) }
    if (Object.keys(state).length > 0) tables.set(name, { ...table, hints: { ...table.hints, 'x-normalizer': state } })
  }
  return { ...after, tables }
}

function plain(tables: ReadonlyMap<string, Table>): unknown {
  return Object.fromEntries(
    [...tables].map(([name, { columns, hints }]) => [name, { columns: [...columns.values()], hints }]),
  )
}

/** The hints in our spelling; the order of columns, which the cases have lost, is that of the schema. */
function hintsOf(given: Readonly<Record<string, unknown>>, after: Schema): StaticHints {
  return Object.fromEntries(
    Object.entries(given).map(([hint, value]) => {
      if (hint === 'columns') return ['columns', columnsOf(value as Record<string, object>, after)]
      if (hint === 'nested_hints') {
        const nested = Object.entries(value as Record<string, Record<string, unknown>>)
        return ['nestedHints', Object.fromEntries(nested.map(([field, hints]) => [field, hintsOf(hints, after)]))]
      }
      return [camelCase(hint), typeof value === 'object' && !Array.isArray(value) ? keysInCamelCase(value) : value]
    }),
  )
}

function columnsOf(columns: Readonly<Record<string, object>>, after: Schema): Record<string, ColumnHints> {
  const order = [...after.tables.values()].flatMap((table) => [...table.columns.keys()])
  const place = (column: string): number => order.indexOf(rules.naming.normalizePath(column))
  return Object.fromEntries(
    Object.entries(columns)
      // Of two with one name, the later one counts; in the only such case that is the one in lower case.
      .toSorted(([a], [b]) => place(a) - place(b) || (a < b ? 1 : -1))
      .map(([name, hints]) => [name, keysInCamelCase(hints)]),
  ) as Record<string, ColumnHints>
}

function keysInCamelCase(given: object | null): object {
  return Object.fromEntries(Object.entries(given ?? {}).map(([key, value]) => [camelCase(key), value as unknown]))
}

function camelCase(key: string): string {
  return key.startsWith('x-') ? key : key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
