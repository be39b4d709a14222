import { describe, expect, it } from 'vitest'
import { contentRowId, FileIds, FileIdsExhausted, LoadIds, nestedRowId, randomRowIds } from '../../src/ids.ts'
import { sortedJson } from '../../src/hash.ts'
import type { JsonObject } from '../../src/json/object.ts'
import { parseJson } from '../../src/json/reader.ts'

describe('LoadIds', () => {
  it('prints the time as Python does', () => {
    const times = [1795290022848.4792, 1795290208750, 1795290300000]
    const ids = new LoadIds({ nowMs: () => times.shift() ?? 0 })
    expect([ids.next(), ids.next(), ids.next()]).toEqual(['1795290022.8484793', '1795290208.75', '1795290300.0'])
  })

  it('goes up by the least step where the clock stands or goes back', () => {
    const times = [1795290022848.4792, 1795290022848.4792, 1795290000000]
    const ids = new LoadIds({ nowMs: () => times.shift() ?? 0 })
    const made = Array.from({ length: 50 }, () => ids.next())
    expect(made[1]).toBe('1795290022.8484795')
    expect(new Set(made).size).toBe(50)
    expect(made.toSorted()).toEqual(made)
    for (const id of made) expect(id).toMatch(/^\d{10}\.\d{1,7}$/)
  })

  it('starts after an id that is given', () => {
    const ids = new LoadIds({ nowMs: () => 1000 })
    ids.startAfter('1795290022.5')
    expect(Number(ids.next())).toBeGreaterThan(1795290022.5)
  })
})

describe('FileIds', () => {
  it('ascends, in ten hexadecimal digits', () => {
    const ids = new FileIds(254)
    expect([ids.next(), ids.next(), ids.next()]).toEqual(['00000000fe', '00000000ff', '0000000100'])
    expect(new FileIds().next()).toMatch(/^[0-9a-f]{10}$/)
  })

  it('goes on after an id that is given', () => {
    const ids = new FileIds(5)
    ids.startAfter('00000000ff')
    expect(ids.next()).toBe('0000000100')
    ids.startAfter('0000000001')
    expect(ids.next()).toBe('0000000101')
  })

  it('ends rather than going round', () => {
    const ids = new FileIds(16 ** 10 - 1)
    expect(ids.next()).toBe('ffffffffff')
    expect(() => ids.next()).toThrow(FileIdsExhausted)
  })
})

describe('row ids', () => {
  it('are 14 characters of base64 that decode to 10 bytes and back, no two alike', () => {
    const ids = randomRowIds()
    const made = new Set<string>()
    for (let index = 0; index < 5000; index++) {
      const id = ids.next()
      made.add(id)
      const bytes = Buffer.from(id, 'base64')
      expect(bytes).toHaveLength(10)
      expect(bytes.toString('base64').slice(0, 14)).toBe(id)
    }
    expect(made.size).toBe(5000)
  })

  it('of nested rows follow from parent, table and position', () => {
    expect(nestedRowId('R', 't__l', 0)).toBe('ZMXs/dl+u/T2Hg')
    expect(nestedRowId('R', 't__l', 1)).toBe('D7YCmBI9nI8kyA')
    expect(nestedRowId('7', 't__l', 0)).toBe('3lxrWQ9dR270Xg')
  })

  it.each([
    ['{"id":1}', 'z5jIxXIbUnmbKw'],
    ['{"name":"a","id":1}', 'swX5JrcV4/PVUA'],
    ['{}', 'RoBn8+L4hTHbJQ'],
    ['{"a":1.0}', 'HKhElKsEA77FqA'],
    ['{"a":1}', 'Ec9HPMTWWD8wGA'],
    ['{"b":1.0,"a":"é"}', 'WBJfeyv5mOlXDA'],
    ['{"ts":"\uF0272022-01-01T00:00:00+00:00"}', 's/BbMd6O/MRe6w'],
    ['{"l":[{"x":1,"k":[2,3]}],"id":1}', 'Otb5wBHV2oNryA'],
  ])('of content %s', (json, id) => {
    expect(contentRowId(sortedJson(parseJson(json) as JsonObject))).toBe(id)
  })
})

describe('sortedJson', () => {
  it('sorts keys by code point at all levels, in Maps, read and plain objects alike', () => {
    const sorted = '{"__proto__":{"1":1,"10":2,"9":3},"\uFFFD":1,"😀":[{"a":1,"b":2}]}'
    expect(
      sortedJson(parseJson('{"😀":[{"b":2,"a":1}],"\uFFFD":1,"__proto__":{"9":3,"10":2,"1":1}}') as JsonObject),
    ).toBe(sorted)
    expect(
      sortedJson(
        new Map<string, object | number>([
          ['😀', [{ b: 2, a: 1 }]],
          ['\uFFFD', 1],
          ['__proto__', { '9': 3, '10': 2, '1': 1 }],
        ]),
      ),
    ).toBe(sorted)
  })

  it('leaves out what is undefined and refuses what JSON has no form for', () => {
    expect(sortedJson({ b: undefined, a: null })).toBe('{"a":null}')
    expect(() => sortedJson({ a: new Date(0) })).toThrow(TypeError)
  })
})
