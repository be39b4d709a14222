import { describe, expect, it } from 'vitest'
import { normalizeLines } from './support.ts'

describe('a new column', () => {
  it('has the type of its first value, and converts later ones', async () => {
    const { columns, rows } = await normalizeLines([
      '{"a":1,"b":"x","c":true,"d":"2024-01-01T00:00:00Z"}',
      '{"a":"17","b":5}',
    ])
    expect(columns['t']).toEqual(['a: bigint', 'b: text', 'c: bool', 'd: timestamp'])
    expect(rows['t']).toEqual([
      { a: 1, b: 'x', c: true, d: '2024-01-01T00:00:00+00:00' },
      { a: 17, b: '5' },
    ])
  })

  it('widens from bigint to double in one package, whole doubles too', async () => {
    const { columns, rows } = await normalizeLines(['{"a":1,"b":1}', '{"a":2.5,"b":2.0}'])
    expect(columns['t']).toEqual(['a: double', 'b: double'])
    expect(rows['t']).toEqual([
      { a: 1, b: 1 },
      { a: 2.5, b: 2 },
    ])
  })

  it('does not widen where an integer would be rounded', async () => {
    const first = await normalizeLines(['{"a":9007199254740993}', '{"a":2.5}'])
    expect(first.columns['t']).toEqual(['a: bigint', 'a__v_double: double'])
    const second = await normalizeLines(['{"a":2.5}', '{"a":9007199254740993}', '{"a":9007199254740992}'])
    expect(second.columns['t']).toEqual(['a: double', 'a__v_bigint: bigint'])
  })

  it('rounds neither an integer that came as a text, nor one beyond 64 bits', async () => {
    const text = await normalizeLines(['{"a":1}', '{"a":"9007199254740993"}', '{"a":2.5}'])
    expect(text.columns['t']).toEqual(['a: bigint', 'a__v_double: double'])
    const large = await normalizeLines(['{"a":2.5}', '{"a":123456789012345678901234567890}'])
    expect(large.columns['t']).toEqual(['a: double', 'a__v_wei: wei'])
    expect(large.rows['t']).toEqual([{ a: 2.5 }, { a__v_wei: '123456789012345678901234567890' }])
  })

  it('makes no column of nulls, and none of an empty object', async () => {
    const { columns } = await normalizeLines(['{"a":null,"b":{},"c":[],"d":1}'])
    expect(columns['t']).toEqual(['d: bigint'])
  })

  it('holds integers beyond 64 bits as wei', async () => {
    const { columns } = await normalizeLines(['{"a":9223372036854775807,"b":9223372036854775808}'])
    expect(columns['t']).toEqual(['a: bigint', 'b: wei'])
  })
})

describe('a value that does not fit', () => {
  it('goes to a variant column', async () => {
    const { columns, rows } = await normalizeLines(['{"a":1}', '{"a":"x"}', '{"a":{"b":2}}', '{"a":[3]}'])
    expect(columns['t']).toEqual(['a: bigint', 'a__v_text: text', 'a__b: bigint'])
    expect(rows['t']).toEqual([{ a: 1 }, { a__v_text: 'x' }, { a__b: 2 }, {}])
    expect(rows['t__a']).toEqual([{ value: 3 }])
  })

  it('follows dlt where the column was complete before the package: no widening', async () => {
    const { schema } = await normalizeLines(['{"a":1}'])
    const { columns, rows } = await normalizeLines(['{"a":2.0}', '{"a":2.5}'], { schema })
    expect(columns['t']).toEqual(['a: bigint', 'a__v_double: double'])
    expect(rows['t']).toEqual([{ a: 2 }, { a__v_double: 2.5 }])
  })
})

describe('any number of workers', () => {
  it('gives the same columns and rows, also where ranges contradict each other', async () => {
    const filler = 'x'.repeat(900)
    // The type of `late` and `clash` is decided far behind the first range, differently in the next ones.
    const lines = Array.from({ length: 40_000 }, (_, id) => {
      const late = id < 12_000 ? '' : id < 20_000 ? `,"late":${id}` : `,"late":"text ${id}"`
      const clash = id < 15_000 ? '' : id % 2 === 0 ? `,"clash":${id}` : `,"clash":"2024-01-01T00:00:00Z"`
      const widen = id < 9000 ? '' : id < 30_000 ? `,"widen":${id}` : `,"widen":${id}.5`
      return `{"id":${id},"filler":"${filler}"${late}${clash}${widen},"list":[{"v":${id}}]}`
    })
    const one = await normalizeLines(lines, { workers: 1 })
    // Workers run the built module; they are the same code.
    const two = await normalizeLines(lines, { workers: 2 })
    expect(two.columns).toEqual(one.columns)
    expect(one.columns['t']).toEqual([
      'id: bigint',
      'filler: text',
      'widen: double',
      'late: bigint',
      'clash: bigint',
      'clash__v_text: text',
      'late__v_text: text',
    ])
    expect(two.rows['t']).toEqual(one.rows['t'])
    expect(two.rows['t__list']).toEqual(one.rows['t__list'])
  }, 60_000)
})
