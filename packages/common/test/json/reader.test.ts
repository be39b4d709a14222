import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/json/object.ts'
import { parseJson } from '../../src/json/reader.ts'
import { stringifyJson } from '../../src/json/writer.ts'
import { Double } from '../../src/values/double.ts'

describe('the JSON reader', () => {
  it.each([
    '{"b":1,"a":{"2":[],"1":{}},"__proto__":null}',
    '[1,-1,0,1.5,1.0,1e+22,9007199254740993,123456789012345678901234567890,-0.0]',
    '["","\\"\\\\\\b\\f\\n\\r\\t","\u2028é😀"]',
    'true',
  ])('loses nothing of %s', (text) => {
    expect(stringifyJson(parseJson(text))).toBe(text)
  })

  it('tells 1.0 from 1, and -0 from -0.0', () => {
    expect(parseJson('1')).toBe(1)
    expect(parseJson('1.0')).toEqual(new Double(1))
    expect(parseJson('-0')).toBe(0)
    expect(parseJson('-0.0')).toEqual(new Double(-0))
    expect(parseJson('9007199254740992')).toBe(9007199254740992n)
  })

  it('keeps a repeated key at its first place with its last value', () => {
    const object = parseJson('{"a":1,"b":2,"a":3}') as JsonObject
    expect([...object.entries()]).toEqual([
      ['a', 3],
      ['b', 2],
    ])
  })

  it('reads objects of a thousand keys, with and without a repeated one', () => {
    const keys = Array.from({ length: 1000 }, (_, index) => `"k${index}":${index}`).join(',')
    const object = parseJson(`{${keys},"k7":"again"}`) as JsonObject
    expect(object.size).toBe(1000)
    expect(object.get('k7')).toBe('again')
  })

  it.each([
    ['', 'unexpected end'],
    ['{"a":1,}', 'expected a key'],
    ['[1,]', 'expected a value'],
    ['01', 'must not begin with zeros'],
    ['-', 'a digit must follow'],
    ['1.', 'a digit must follow'],
    ['.5', 'expected a value'],
    ['1e', 'a digit must follow'],
    ['NaN', 'expected a value'],
    ['"a\nb"', 'control character'],
    ['"\\x"', 'unknown escape'],
    ['"\\u12"', 'hexadecimal'],
    ['"\\ud800"', 'lone surrogate'],
    ['1e999', 'beyond the range'],
    ["{'a':1}", 'expected a key'],
    ['[1] 2', 'after the value'],
    ['{"a"b":1}', 'expected ":"'],
    ['"abc', 'unexpected end inside a string'],
    ['tru', 'expected a value'],
    ['['.repeat(2000), 'levels of nesting'],
  ])('refuses %j: %s', (text, reason) => {
    // Shapes that other tests have made must not let it pass.
    expect(() => parseJson(text)).toThrow(reason)
  })
})
