import { describe, expect, it } from 'vitest'
import { namingConvention } from '../../src/naming/open.ts'
import {
  compileDefaultHints,
  compilePreferredTypes,
  mergeDefaultHints,
  normalizeSettings,
} from '../../src/schema/default-hints.ts'
import { newSchema } from '../../src/schema/new-schema.ts'
import { compilePattern, InvalidPattern, normalizePattern } from '../../src/schema/patterns.ts'

const snake = namingConvention('snake_case')

describe('patterns', () => {
  it('match a plain name as a whole and a regular expression anywhere', () => {
    expect(compilePattern('a.c')('abc')).toBe(false)
    expect(compilePattern('a.c')('a.c')).toBe(true)
    expect(compilePattern('re:_at$')('created_at')).toBe(true)
    expect(compilePattern('re:^at')('created_at')).toBe(false)
  })

  it('take the syntax of Python', () => {
    expect(compilePattern('re:(?i)^AB')('abc')).toBe(true)
    expect(compilePattern('re:\\Aa(?P<x>b)(?P=x)\\Z')('abb')).toBe(true)
    expect(compilePattern('re:a\\-b')('a-b')).toBe(true)
    expect(() => compilePattern('re:(')).toThrow(InvalidPattern)
  })

  it.each([
    ['Ab', 'ab'],
    ['re:^Ab$', 're:^ab$'],
    ['re:Ab', 're:ab'],
    ['re:Ab$', 're:Ab$'],
    ['A__B', 'a__b'],
    ['a b', 'a b'],
    ['re:^(A|b)$', 're:^(A|b)$'],
    ['re:', 're:'],
  ])('normalize %s to %s', (pattern, normalized) => {
    expect(normalizePattern(pattern, snake)).toBe(normalized)
  })
})

describe('compileDefaultHints', () => {
  it('sets all hints whose patterns meet the name', () => {
    const hintsOf = compileDefaultHints(newSchema('s', snake).settings)
    expect(hintsOf('_dlt_id')).toEqual({ nullable: false, unique: true, row_key: true })
    expect(hintsOf('_dlt_parent_id')).toEqual({ nullable: false, parent_key: true })
    expect(hintsOf('_dlt_list_idx')).toEqual({ nullable: false })
    expect(hintsOf('x')).toEqual({ nullable: true })
  })
})

describe('compilePreferredTypes', () => {
  it('takes the first pattern that meets the name', () => {
    const typeOf = compilePreferredTypes({
      preferred_types: { 're:_at$': 'timestamp', created_at: 'date', amount: 'decimal' },
    })
    expect(typeOf('created_at')).toBe('timestamp')
    expect(typeOf('amount')).toBe('decimal')
    expect(typeOf('my_amount')).toBeUndefined()
  })
})

describe('settings', () => {
  it('add a default hint once, however it is spelled', () => {
    const { default_hints } = mergeDefaultHints(
      { default_hints: { not_null: ['x'] } },
      { not_null: ['re:^x$', 'y'], unique: ['z'] },
    )
    expect(default_hints).toEqual({ not_null: ['x', 'y'], unique: ['z'] })
  })

  it('normalize names in all patterns', () => {
    expect(
      normalizeSettings(
        { detections: [], default_hints: { unique: ['userId'] }, preferred_types: { 're:^A$': 'wei' } },
        snake,
      ),
    ).toEqual({
      detections: [],
      default_hints: { unique: ['user_id'] },
      preferred_types: { 're:^a$': 'wei' },
    })
  })
})
