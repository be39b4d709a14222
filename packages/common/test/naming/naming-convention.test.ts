import { describe, expect, it } from 'vitest'
import { BlankName, namingConvention, UnknownNamingConvention } from '../../src/naming/open.ts'
import { NameLimitTooSmall, shortenName, shorteningTag } from '../../src/naming/shorten.ts'

describe('namingConvention', () => {
  it('gives the same object for the same name and limit', () => {
    expect(namingConvention('direct', 64)).toBe(namingConvention('direct', 64))
    expect(namingConvention('direct', 64)).not.toBe(namingConvention('direct'))
  })

  it('takes the import path that dlt may have stored', () => {
    expect(namingConvention('dlt.common.normalizers.naming.sql_ci_v1').name).toBe('sql_ci_v1')
  })

  it('names the known conventions when it gets another', () => {
    expect(() => namingConvention('camel_case')).toThrow(UnknownNamingConvention)
    expect(() => namingConvention('toString')).toThrow(/snake_case, duck_case/)
  })

  it('refuses a blank identifier, with the white space of Python', () => {
    for (const blank of ['', ' ', '\u001c', '\u0085', '\u3000']) {
      expect(() => namingConvention('snake_case').normalizeIdentifier(blank)).toThrow(BlankName)
    }
    expect(namingConvention('snake_case').normalizeIdentifier('\uFEFFx')).toBe('_x')
  })

  it.each(['snake_case', 'duck_case', 'sql_cs_v1', 'sql_ci_v1'])(
    'calls a key of nothing but separators _empty, in %s',
    (name) => {
      const naming = namingConvention(name)
      for (const key of ['__', '____', '', ' ']) {
        expect(naming.normalizePath(key)).toBe('_empty')
        expect(naming.normalizeTablesPath(key)).toBe('_empty')
      }
    },
  )

  it('calls an identifier of which nothing is left _empty, but drops such a part of a path', () => {
    const naming = namingConvention('sql_cs_v1')
    expect(naming.normalizeIdentifier('__')).toBe('_empty')
    expect(naming.normalizePath('a__%_')).toBe('a')
  })

  it('takes leading underscores off tables only, in s3_tables', () => {
    const naming = namingConvention('s3_tables')
    expect(naming.normalizeTableIdentifier('_dlt_loads')).toBe('dlt_loads')
    expect(naming.normalizeIdentifier('_dlt_id')).toBe('_dlt_id')
    expect(naming.normalizeTablesPath('_a___b')).toBe('a__b')
    expect(naming.maxLength).toBe(255)
    expect(namingConvention('s3_tables', 100).maxLength).toBe(100)
  })

  it('joins fragments without blank ones and shortens them as a whole', () => {
    expect(namingConvention('snake_case', 9).shortenFragments(['confidence', 'v_bool'])).toBe('coevcf0al')
    expect(namingConvention('direct').shortenFragments(['a', ' ', 'b'])).toBe('a▶b')
    expect(namingConvention('direct').shortenFragments([])).toBe('')
  })

  it('keeps answering for more names than it remembers', () => {
    const naming = namingConvention('snake_case')
    for (let index = 0; index < 100_000; index++) naming.normalizePath(`Key${index}`)
    expect(naming.normalizePath('Key0')).toBe('key0')
  })
})

describe('shortenName', () => {
  it('puts the tag in the middle', () => {
    expect(shortenName('she played cello well', 'she played cello well', 20)).toBe('she plauanpualo well')
    expect(shorteningTag('id29')).toBe('bafwmq')
  })

  it('counts code points, not UTF-16 units', () => {
    expect(shortenName('😀'.repeat(8), 'x', 8)).toBe('😀'.repeat(8))
    expect(Array.from(shortenName('😀'.repeat(9), 'x', 8))).toHaveLength(8)
  })

  it('refuses a limit that has no room for the tag, but only where it has to shorten', () => {
    expect(shortenName('short', 'short', 5)).toBe('short')
    expect(() => shortenName('toolong', 'toolong', 5)).toThrow(NameLimitTooSmall)
  })
})
