import { describe, expect, it } from 'vitest'
import { double } from '@gantry/common'
import { JsonPath, pathOfNames } from '../src/json-path.ts'

const document = {
  id: 9007199254740993n,
  price: double(1),
  none: null,
  'next-page': 'a',
  '@odata.nextLink': 'b',
  'odd key': { 'a.b': 1 },
  größe: 2,
  items: [{ id: 1, tags: ['x'] }, { id: 2 }],
}

describe('a JSONPath finds', () => {
  it.each([
    ['id', [9007199254740993n]],
    ['$.price', [double(1)]],
    ['none', [null]],
    ['missing', []],
    ['missing.deeper', []],
    ['next-page', ['a']],
    ["$['@odata.nextLink']", ['b']],
    ["'@odata.nextLink'", ['b']],
    ['"odd key"["a.b"]', [1]],
    ['größe', [2]],
    ['items[0].id', [1]],
    ['items[-1].id', [2]],
    ['items[*].id', [1, 2]],
    ['items[0:1].id', [1]],
    ['items.id', []],
    ['$..id', [9007199254740993n, 1, 2]],
    ['items[?@.id > 1].id', [2]],
    ['items.*.tags.*', ['x']],
    ['toString', []],
  ])('%s', (path, found) => {
    const compiled = new JsonPath(path)
    expect(compiled.findAll(document)).toEqual(found)
    expect(compiled.findFirst(document)).toEqual(found[0])
  })

  it('everything at $', () => {
    expect(new JsonPath('$').findAll(document)).toEqual([document])
    expect(new JsonPath('$').findFirst([1])).toEqual([1])
  })
})

it.each(['', 'a..', 'a[', 'a b', '$.a[?]'])('%j is refused, with examples of paths', (path) => {
  expect(() => new JsonPath(path)).toThrow(/^".*" is not a JSONPath: .* Examples: id, data\.items/s)
})

it.each([
  [['a', 'b_1'], 'a.b_1'],
  [['a', 'b.c'], '$["a"]["b.c"]'],
  [['it\'s "x"'], '$["it\'s \\"x\\""]'],
])('names %j have the path %s', (names, path) => {
  expect(pathOfNames(names)).toBe(path)
  expect(new JsonPath(path).findFirst({ [names[0] as string]: names[1] === undefined ? 1 : { [names[1]]: 1 } })).toBe(1)
})
