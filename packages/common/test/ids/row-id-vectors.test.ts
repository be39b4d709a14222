import { describe, expect, it } from 'vitest'
import { sortedJson } from '../../src/hash.ts'
import { contentRowId, nestedRowId } from '../../src/ids.ts'
import { JsonObject } from '../../src/json/object.ts'
import { parseJson } from '../../src/json/reader.ts'
import { readVectors } from '../../../../test/support/vectors.mjs'

type RowIdCase =
  | { readonly kind: 'row_hash'; readonly id: string; readonly row_json: string }
  | { readonly kind: 'key_hash'; readonly id: string; readonly row_json: string; readonly primary_key: string[] }
  | { readonly kind: 'nested'; readonly id: string; readonly parent_id: string; table: string; index: number }

const cases = readVectors('row-ids.jsonl')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as RowIdCase)

describe('row ids that dlt made', () => {
  it.each(cases)('$kind $id', (item) => {
    expect(rowId(item), JSON.stringify(item)).toBe(item.id)
  })
})

function rowId(item: RowIdCase): string {
  if (item.kind === 'nested') return nestedRowId(item.parent_id, item.table, item.index)
  const row = parseJson(item.row_json) as JsonObject
  const entries = [...row.entries()].filter(([key]) =>
    item.kind === 'row_hash' ? !key.startsWith('_dlt') : item.primary_key.includes(key),
  )
  return contentRowId(sortedJson(JsonObject.of(entries)))
}
