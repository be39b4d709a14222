import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { decodeSchema } from '../../src/schema/codec.ts'
import { schemaHash } from '../../src/schema/hash.ts'
import { schemaEngineVersion } from '../../src/schema/model.ts'

interface Upgrade {
  readonly engine_version: number
  readonly document: object
  readonly hash: string
}

const path = join(import.meta.dirname, '../../../../test/fixtures/schema-upgrades/upgrades.jsonl')
const upgrades = readFileSync(path, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Upgrade)

it.each(upgrades)('a schema of engine $engine_version becomes what dlt makes of it', ({ document, hash }) => {
  const schema = decodeSchema(document)
  expect(schema.engine_version).toBe(schemaEngineVersion)
  expect(schemaHash(schema)).toBe(hash)
})

it('there is one for each engine version', () => {
  expect(upgrades.map((upgrade) => upgrade.engine_version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
})
