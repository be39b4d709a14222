import { describe, expect, it } from 'vitest'
import { sortedJson } from '../../src/hash.ts'
import type { JsonObject } from '../../src/json/object.ts'
import { parseJson } from '../../src/json/reader.ts'
import { parseSchema, stringifySchema } from '../../src/schema/codec.ts'
import { schemaHash } from '../../src/schema/hash.ts'
import { readVectors } from '../../../../test/support/vectors.mjs'

type HashCase =
  | { readonly kind: 'hash'; readonly note: string; readonly schema_json: string; readonly version_hash: string }
  | {
      readonly kind: 'pair'
      readonly note: string
      readonly a_json: string
      readonly b_json: string
      readonly a_hash: string
      readonly b_hash: string
      readonly alike: boolean
    }

const cases = readVectors('schema-hash.jsonl')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as HashCase)

describe('schemas that dlt hashed', () => {
  it.each(cases.map((item, index) => [index + 1, item.note, item] as const))('hashes case %i, %s', (_, _note, item) => {
    if (item.kind === 'hash') {
      expect(schemaHash(parseSchema(item.schema_json))).toBe(item.version_hash)
    } else {
      expect(schemaHash(parseSchema(item.a_json))).toBe(item.a_hash)
      expect(schemaHash(parseSchema(item.b_json))).toBe(item.b_hash)
      expect(item.a_hash === item.b_hash).toBe(item.alike)
    }
  })

  it('writes every one with all that it read', () => {
    for (const text of cases.flatMap((item) =>
      item.kind === 'hash' ? [item.schema_json] : [item.a_json, item.b_json],
    )) {
      const schema = parseSchema(text)
      const read = parseJson(text) as JsonObject
      for (const pretty of [false, true]) {
        const written = parseJson(stringifySchema(schema, { pretty })) as JsonObject
        expect(written.keys).toEqual(read.keys)
        expect(sortedJson(written)).toBe(sortedJson(read))
        expect(schemaHash(parseSchema(stringifySchema(schema, { pretty })))).toBe(schemaHash(schema))
      }
    }
  })
})
