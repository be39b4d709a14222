import { describe, expect, it } from 'vitest'
import { BlankName, namingConvention } from '../../src/naming/open.ts'
import { shortenName, shorteningTag } from '../../src/naming/shorten.ts'
import { readVectors } from '../../../../test/support/vectors.mjs'

interface NamingCase {
  readonly convention: string
  readonly max_length: number | null
  readonly kind: string
  readonly input: string | readonly string[]
  readonly output?: unknown
  readonly error?: 'blank'
}

const cases = readVectors('naming.jsonl')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as NamingCase)

describe('names that dlt made', () => {
  it.each(cases)('$convention, $kind of $input', (item) => {
    expect(answer(item), JSON.stringify(item)).toEqual(item.error ?? item.output)
  })
})

function answer({ convention, max_length, kind, input }: NamingCase): unknown {
  const naming = namingConvention(convention, max_length ?? undefined)
  const text = input as string
  const parts = input as readonly string[]
  switch (kind) {
    case 'identifier':
      try {
        return naming.normalizeIdentifier(text)
      } catch (error) {
        if (error instanceof BlankName) return 'blank'
        throw error
      }
    case 'path':
      return naming.normalizePath(text)
    case 'tables_path':
      return naming.normalizeTablesPath(text)
    case 'make_path':
      return naming.makePath(parts)
    case 'break_path':
      return naming.breakPath(text)
    case 'shorten_fragments':
      return naming.shortenFragments(parts)
    case 'shorten':
      return shortenName(parts[0] as string, parts[1] as string, max_length ?? undefined)
    case 'tag':
      return shorteningTag(text)
    default:
      throw new Error(`no such kind: ${kind}`)
  }
}
