import { type DataType, Double, JsonObject, type Value } from '@gantry/common'
import { expect } from 'vitest'
import type { ExactTables } from './exact-tables.ts'

/*
 * Documents back from the tables that normalize made of them, by nothing but `_dlt_id`, `_dlt_parent_id` and
 * `_dlt_list_idx`. For documents whose keys hold no underscore and are neither `list` nor `value`, so that a column's
 * name says its path, and whose values have one type per path, so that nothing was coerced.
 */

/** A document as far as tables keep it: no nulls, no empty objects and lists; a list keeps the places of its items. */
export type Kept = string | boolean | bigint | number | null | Kept[] | { readonly [key: string]: Kept }

/** What tables keep of a value; undefined for what leaves no trace. */
export function kept(value: Value): Kept | undefined {
  if (value === null) return undefined
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => kept(item) ?? null)
  if (!(value instanceof JsonObject)) return keptScalar(value)
  const fields = [...value.entries()].flatMap(([key, item]) => {
    const inside = kept(item)
    return inside === undefined ? [] : [[key, inside] as const]
  })
  return fields.length === 0 ? undefined : Object.fromEntries(fields)
}

/** Numbers by their value: whether `2.0` stands in a column of doubles as `2` does not matter, whether it is 2 does. */
function keptScalar(value: Value): Kept {
  const number = value instanceof Double ? value.value : value
  if (typeof number !== 'number') return number as Kept
  return Number.isInteger(number) && !Object.is(number, -0) ? BigInt(number) : number
}

/** The documents of the root table, in order. */
export function rebuild(tables: ExactTables): Kept[] {
  const below = new Map<string, { readonly table: string; readonly row: JsonObject }[]>()
  const ids = new Set<string>()
  let rows = 0
  for (const [table, ofTable] of tables.rows) {
    for (const row of ofTable) {
      rows++
      ids.add(textOf(row, '_dlt_id'))
      if (table === 't') continue
      const parent = textOf(row, '_dlt_parent_id')
      below.set(parent, [...(below.get(parent) ?? []), { table, row }])
    }
  }
  expect(ids.size, 'ids are unique').toBe(rows)
  let placed = 0
  const document = (row: JsonObject, table: string): Kept => {
    placed++
    const found: Record<string, Kept> = {}
    for (const [column, value] of row.entries()) {
      if (column.startsWith('_dlt_')) continue
      const type = tables.schema.tables.get(table)?.columns.get(column)?.data_type
      place(found, column.split('__'), keptScalar(type === 'wei' ? BigInt(value as string) : checked(value, type)))
    }
    for (const [child, items] of groupByTable(below.get(textOf(row, '_dlt_id')) ?? [])) {
      expect(child.startsWith(`${table}__`), `${child} is below ${table}`).toBe(true)
      expect(items.map((item) => item.get('_dlt_list_idx'))).toEqual([...items.keys()])
      const path = child.slice(table.length + 2).split('__')
      place(
        found,
        path,
        items.map((item) => element(document(item, child))),
      )
    }
    return found
  }
  const documents = (tables.rows.get('t') ?? []).map((row) => document(row, 't'))
  expect(placed, 'each row has its place in a document').toBe(rows)
  return documents
}

/** An item of a list: a scalar is the only column of its row, a list the only list below it. */
function element(row: Kept): Kept {
  const fields = row as { readonly [key: string]: Kept }
  if (Object.keys(fields).length === 0) return null
  return fields['value'] ?? fields['list'] ?? fields
}

function place(into: Record<string, Kept>, path: readonly string[], value: Kept): void {
  const [key, ...rest] = path as [string, ...string[]]
  if (rest.length === 0) {
    expect(into, 'nothing is there twice').not.toHaveProperty([key])
    into[key] = value
  } else place((into[key] ??= {}) as Record<string, Kept>, rest, value)
}

function groupByTable(
  rows: readonly { readonly table: string; readonly row: JsonObject }[],
): Map<string, JsonObject[]> {
  const groups = new Map<string, JsonObject[]>()
  for (const { table, row } of rows) groups.set(table, [...(groups.get(table) ?? []), row])
  return groups
}

/** The value, which has to be of the form that its column asks for. */
function checked(value: Value, type: DataType | null | undefined): Value {
  const form = value instanceof Double ? 'number' : typeof value
  expect(
    { text: ['string'], bool: ['boolean'], bigint: ['number', 'bigint'], double: ['number', 'bigint'] }[type as 'text'],
  ).toContain(form)
  return value
}

function textOf(row: JsonObject, column: string): string {
  const value = row.get(column)
  expect(value, column).toBeTypeOf('string')
  return value as string
}
