import { describe, expect, it } from 'vitest'
import { normalizeLines } from './support.ts'

describe('nested rows', () => {
  it('flatten objects behind scalars, the last object first, as dlt does', async () => {
    const { columns } = await normalizeLines(['{"a":{"x":1},"b":{"y":2,"c":{"z":3}},"s":4}'])
    expect(columns['t']).toEqual(['s: bigint', 'b__y: bigint', 'b__c__z: bigint', 'a__x: bigint'])
  })

  it('become rows of tables below, lists of lists included', async () => {
    const { rows } = await normalizeLines(['{"l":[{"k":[[5,6],[7]]},8,null,[9]]}'])
    expect(rows['t__l']).toEqual([{}, { value: 8 }, {}, {}])
    expect(rows['t__l__k']).toEqual([{}, {}])
    expect(rows['t__l__k__list']).toEqual([{ value: 5 }, { value: 6 }, { value: 7 }])
    expect(rows['t__l__list']).toEqual([{ value: 9 }])
  })

  it('keep keys that JavaScript objects would change: integers in their order, __proto__, a repeated one', async () => {
    const { rows, columns } = await normalizeLines(['{"b":1,"1":2,"__proto__":3,"b":4,"":5}'])
    expect(columns['t']).toEqual(['b: bigint', '_1: bigint', 'proto: bigint', '_empty: bigint'])
    expect(rows['t']).toEqual([{ b: 4, _1: 2, proto: 3, _empty: 5 }])
  })

  it('wrap items that are no objects', async () => {
    const { rows } = await normalizeLines(['1', '[2,3]', '"x"'])
    expect(rows['t']).toEqual([{ value: 1 }, {}, { value__v_text: 'x' }])
    expect(rows['t__value']).toEqual([{ value: 2 }, { value: 3 }])
  })

  it('read blank lines, CRLF and a byte order mark as people expect', async () => {
    const { rows } = await normalizeLines(['\ufeff{"a":1}\r', '', '  ', '{"a":2}\r'])
    expect(rows['t']).toEqual([{ a: 1 }, { a: 2 }])
  })

  it('take values out of typed JSON', async () => {
    const { columns, rows } = await normalizeLines(
      ['[{"d":"\uf0261.50","t":"\uf0272024-01-01T00:00:00.123456Z","b":"\uf02bAAE="}]'],
      {
        format: 'typed-jsonl',
      },
    )
    expect(columns['t']).toEqual(['d: decimal', 't: timestamp', 'b: binary'])
    expect(rows['t']).toEqual([{ d: '1.50', t: '2024-01-01T00:00:00.123456+00:00', b: 'AAE=' }])
  })
})
