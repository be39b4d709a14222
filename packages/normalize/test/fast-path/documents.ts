import { randomOf } from '../../../../bench/data.mjs'

/*
 * Files of rows as programs write them, and as they should not: most rows have the keys and kinds of the ones before, in
 * their order, and now and then one has not. Made as text, since how a value is spelled is half of the matter.
 */

type Random = () => number

/** Where seeds begin, for other documents than usual. */
export const firstSeed = 1000 * Number(process.env.GANTRY_PROPERTY_SEED ?? '1')

const raw = String.raw

const integers = ['0', '1', '-1', '42', '2147483648', '999999999999999', '-9007199254740991', '123456789']
const oddIntegers = ['-0', '9007199254740993', '-9007199254740993', '999999999999999999', '9223372036854775807']
const hugeIntegers = ['9223372036854775808', '-9223372036854775808', '12345678901234567890', '1'.repeat(40)]
const doubles = ['0.5', '1.25', '-3.75', '100.01', '0.1', '123456.789', '-0.001', '99.99']
const oddDoubles = [
  '1.0',
  '-0.0',
  '0.0',
  '1.50',
  '0.30000000000000004',
  '5e-324',
  '1.7976931348623157e308',
  '1e3',
  '1E+2',
  '-1e-7',
  '0.00001',
  '0.0001',
  '123456789012345678.5',
  '1e16',
  '9007199254740993.0',
  '2.2250738585072011e-308',
  '0.1234567890123456789012',
  '1e22',
  '1e23',
  '8.41e21',
  '9.999999999999999e-5',
]
const texts = ['a', 'text', 'Zürich', '東京', '', ' ', '😀', 'x'.repeat(40), 'y'.repeat(200)]
const escapedTexts = [
  raw`said \"no\"`,
  raw`line\nbreak`,
  raw`tab\tand \\ slash \/`,
  raw`é \u00e9`,
  raw`\ud83d\ude00`,
  raw`\u0000`,
  raw`\u001f\b\f\r`,
  raw`\u2028`,
  raw`\uF027 2024`,
]
const times = [
  '2024-05-01T10:00:00Z',
  '2023-12-31T23:59:59.999999Z',
  '1969-12-31T00:00:00.5Z',
  '2024-02-29T12:30:00+02:00',
]
const oddTimes = [
  '2024-05-01 10:00:00',
  '2024-05-01T10:00:00.123456789Z',
  '2024-02-30T10:00:00Z',
  '2024-05-01T10:00:00-23:59',
  '2024-05-01T10:00:00+24:00',
  '2024-05-01T10:00Z',
  '0001-01-01T00:00:00+00:01',
  '9999-12-31T23:59:59.9999999Z',
  '2024-05-01',
  '10:00:00',
  '20240501T100000Z',
  '0000-05-01T10:00:00Z',
  '2024-05-01T24:00:00Z',
  '2024-05-01T10:00:00.Z',
  '2024-05-01T10:00:00z',
]

type Kind = 'integer' | 'double' | 'text' | 'time' | 'bool' | 'object' | 'objects' | 'scalars' | 'lists' | 'mixed'
const kinds: readonly Kind[] = [
  'integer',
  'integer',
  'double',
  'double',
  'text',
  'text',
  'time',
  'time',
  'bool',
  'object',
  'objects',
  'scalars',
  'lists',
  'mixed',
]
const keys = [
  'id',
  'a',
  'b',
  'name',
  'Some Long Key Name',
  'another_long_key_name_beyond_sixteen',
  'created_at',
  'value',
  'ключ',
  'with"quote',
  'k1',
  'k2',
]
const rareKeys = ['A', 'a__b', '', 'list', '_dlt_id_', '__proto__', 'new', 'Created At', 'k-1', '_dlt_load_id']

interface Field {
  readonly key: string
  readonly kind: Kind
  readonly fields: readonly Field[]
}

/** How often rows are not as expected; 0 to 1. */
export interface Disorder {
  readonly values: number
  readonly keys: number
}

/** Lines of rows. */
export function documentLines(seed: number, rows: number, disorder: Disorder): string[] {
  const random = randomOf(seed)
  const writer = new DocumentWriter(random, disorder)
  const fields = writer.fields(3)
  return Array.from({ length: rows }, () => writer.object(fields, 0))
}

class DocumentWriter {
  readonly #random: Random
  readonly #disorder: Disorder

  constructor(random: Random, disorder: Disorder) {
    this.#random = random
    this.#disorder = disorder
  }

  fields(depth: number): Field[] {
    const known = keys.toSorted(() => this.#random() - 0.5).slice(0, 2 + this.#below(6))
    return known.map((key) => {
      const kind = depth === 0 ? this.#pick(kinds.slice(0, 9)) : this.#pick(kinds)
      return { key, kind, fields: ['object', 'objects', 'mixed'].includes(kind) ? this.fields(depth - 1) : [] }
    })
  }

  object(fields: readonly Field[], depth: number): string {
    const order = this.#chance(this.#disorder.keys) ? fields.toSorted(() => this.#random() - 0.5) : fields
    const parts = order
      .filter(() => !this.#chance(0.12))
      .map((field) =>
        this.#member(field.key, this.#chance(this.#disorder.values) ? this.#odd(depth) : this.#usual(field, depth)),
      )
    if (this.#chance(this.#disorder.keys)) parts.push(this.#member(this.#pick(rareKeys), this.#odd(depth)))
    if (parts.length > 0 && this.#chance(this.#disorder.keys / 4)) parts.push(this.#pick(parts))
    const blank = this.#chance(0.1) ? this.#pick([' ', '\t', '  ', '\r']) : ''
    return `{${blank}${parts.join(`${blank},${blank}`)}${blank}}`
  }

  #member(key: string, value: string): string {
    const name = this.#chance(this.#disorder.keys / 8)
      ? JSON.stringify(key).replace('a', raw`\u0061`)
      : JSON.stringify(key)
    return `${name}${this.#chance(0.05) ? ' : ' : ':'}${value}`
  }

  #usual({ kind, fields }: Field, depth: number): string {
    if (this.#chance(0.05)) return 'null'
    switch (kind) {
      case 'integer':
        return this.#pick(this.#chance(0.02) ? oddIntegers : integers)
      case 'double':
        return this.#pick(this.#chance(0.3) ? oddDoubles : doubles)
      case 'text':
        return `"${this.#pick(this.#chance(0.3) ? escapedTexts : texts)}"`
      case 'time':
        return `"${this.#pick(this.#chance(0.05) ? oddTimes : times)}"`
      case 'bool':
        return this.#pick(['true', 'false'])
      case 'object':
        return this.object(fields, depth + 1)
      case 'objects':
        return this.#list(() => this.object(fields, depth + 1))
      case 'scalars':
        return this.#list(() => (this.#chance(0.1) ? 'null' : `"${this.#pick(texts)}"`))
      case 'lists':
        return this.#list(() => this.#list(() => this.#pick(integers)))
      case 'mixed':
        return this.#list(() => (this.#chance(0.5) ? this.object(fields, depth + 1) : this.#pick(integers)))
    }
  }

  /** Anything at all. */
  #odd(depth: number): string {
    const simple = [integers, oddIntegers, hugeIntegers, doubles, oddDoubles, ['true', 'false', 'null', '[]', '{}']]
    if (this.#chance(0.4)) return this.#pick(this.#pick(simple))
    if (this.#chance(0.6)) return `"${this.#pick(this.#pick([texts, escapedTexts, times, oddTimes]))}"`
    if (depth > 3) return '1'
    if (this.#chance(0.5)) return this.#list(() => this.#odd(depth + 1))
    return this.object(this.fields(1), depth + 1)
  }

  #list(item: () => string): string {
    return `[${Array.from({ length: this.#below(4) }, item).join(this.#chance(0.1) ? ' , ' : ',')}]`
  }

  #chance(share: number): boolean {
    return this.#random() < share
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end)
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T
  }
}
