import { namingConvention, newSchema, newTable, updateTable, type Schema } from '@gantry/common'
import { describe, expect, it } from 'vitest'
import { randomOf } from '../../../../bench/data.mjs'
import { open, readable, refused } from '../../../../test/support/json-cases.ts'
import { markedStrings, naughtyStrings } from '../../../../test/support/naughty-strings.ts'
import { documentLines, firstSeed } from './documents.ts'
import { comparePaths } from './compare-paths.ts'
import { outcomeOf, outputs, plainSchema } from './outcome.ts'

/*
 * The fast path may do nothing that the reference path would not have done: both have to tell the same of any file.
 */

const { raw } = String
const cases = 12 * Number(process.env.GANTRY_PROPERTY_RUNS ?? '1')

describe('any documents', () => {
  it.each(outputs)(
    'give the same %s files on both paths',
    async (output) => {
      const shares: number[] = []
      for (let at = 0; at < cases; at++) {
        // From orderly to wild.
        const disorder = at % 4 === 0 ? 0 : 0.002 * 4 ** (at % 4)
        const lines = documentLines(firstSeed + at, 150, { values: disorder, keys: disorder })
        const isTyped = at % 3 === 2
        const input = isTyped
          ? ({
              input: 'typed-jsonl',
              lines: [`[${lines.slice(0, 90).join(',')}]`, `[ ${lines.slice(90).join(' , ')} ]`],
            } as const)
          : ({ lines } as const)
        try {
          shares.push(await comparePaths({ ...input, output }))
        } catch (error) {
          throw new Error(`seed ${firstSeed + at}, ${isTyped ? 'typed' : 'plain'}, ${String(error)}`, { cause: error })
        }
      }
      // Else little would have been compared.
      expect(Math.max(...shares)).toBeGreaterThan(0.8)
      expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeGreaterThan(0.3)
    },
    120_000,
  )
})

/** Doubles at the edges of how they are printed and read, and any others. */
function doubles(): readonly number[] {
  const random = randomOf(firstSeed)
  const words = new DataView(new ArrayBuffer(8))
  const ofBits = (high: number, low: number): number => {
    words.setUint32(0, high)
    words.setUint32(4, low)
    return words.getFloat64(0)
  }
  const next = (value: number, step: number): number => {
    words.setFloat64(0, value)
    words.setBigUint64(0, words.getBigUint64(0) + BigInt(step))
    return words.getFloat64(0)
  }
  const edges = [
    1e-5,
    1e-4,
    0.1,
    0.3,
    1,
    1.5,
    9.5,
    1e15,
    2 ** 53,
    1e16,
    1e21,
    1e22,
    1e23,
    5e-324,
    2.2250738585072014e-308,
  ]
  const powers = Array.from({ length: 120 }, (_, at) => 2 ** (at - 60))
  const tens = Array.from({ length: 40 }, (_, at) => Number(`1e${at - 20}`))
  const around = [...edges, ...powers, ...tens].flatMap((value) => [-1, 0, 1].map((step) => next(value, step)))
  const many = Array.from({ length: 2000 }, () => [
    random() * 10 ** Math.floor(random() * 22 - 5),
    Math.round(random() * 1e6) / 100 + 0.005,
    ofBits(Math.floor(random() * 0x7ff0_0000), Math.floor(random() * 2 ** 32)),
    // From 1e-5 to 1e17, where most are printed without an exponent.
    ofBits(0x3ee0_0000 + Math.floor(random() * 0x460_0000), Math.floor(random() * 2 ** 32)),
  ])
  return [...around, ...many.flat()].flatMap((value) => [value, -value]).filter(Number.isFinite)
}

it.each(outputs)(
  'doubles of any spelling give the same %s files on both paths, all of them on the fast one',
  async (output) => {
    const spellings = doubles().flatMap((value) => [
      String(value),
      value.toPrecision(17),
      value.toPrecision(16),
      value.toExponential(),
    ])
    // An integer among doubles is one until the column is known, and so is minus zero.
    const texts = spellings.filter((text) => /[.e]/.test(text) && Number(text) !== 0)
    const share = await comparePaths({ lines: ['{"n":0.5}', ...texts.map((text) => `{"n":${text}}`)], output })
    expect(share).toBeGreaterThan(0.999)
  },
)

const usual = '{"id":1,"at":"2024-05-01T10:00:00Z","n":1.5,"ok":true,"o":{"x":"y"},"l":[{"v":1}],"s":["a"]}'
const traps: Readonly<Record<string, readonly string[]>> = {
  'a key twice': ['{"id":2,"id":3}', '{"l":[{"v":1}],"l":[{"v":2},{"v":3}]}', '{"o":{"x":"1"},"o":{"x":"2"}}'],
  'keys that lead to one column': ['{"o":{"x":"a"},"o__x":"b"}', '{"O":{"x":"c"},"o":{"x":"d"}}', '{"ID":7,"id":null}'],
  'lists that lead to one table': ['{"l":[{"v":1}],"L":[{"v":2}]}', '{"L":[],"l":[{"v":3}]}'],
  'integers at the bounds': ['{"id":9007199254740993}', '{"id":9223372036854775807}', '{"id":9223372036854775808}'],
  'odd integers': ['{"id":-0}', '{"id":007}', '{"id":-}'],
  'a fraction among integers': ['{"id":2.5}', '{"id":3}', '{"id":1.0}', '{"id":1e2}'],
  'integers among doubles': ['{"n":2}', '{"n":9007199254740993}', '{"n":-0}', '{"n":3}'],
  'spellings of doubles': ['{"n":1e3}', '{"n":1.50}', '{"n":0.00001}', '{"n":1e400}'],
  'control characters': ['{"o":{"x":"\u0001"}}'],
  'lone surrogates': [String.raw`{"o":{"x":"\ud800"}}`],
  'bytes behind a row': ['{"id":2} x', '{"id":2}{"id":3}'],
  'a row that is cut off': ['{"id":2,"o":{"x":"'],
  'no such day': [
    '{"at":"2024-02-30T10:00:00Z"}',
    '{"at":"2023-02-29T10:00:00Z"}',
    '{"at":"2024-05-01T10:00:00+24:00"}',
  ],
  'long fractions of a second': ['{"at":"2024-05-01T10:00:00.1234567Z"}', '{"at":"2024-05-01T10:00:00,5Z"}'],
  'times without a zone': ['{"at":"2024-05-01T10:00:00"}', '{"at":"2024-05-01 10:00:00.25"}'],
  'a year at the end of the calendar': ['{"at":"9999-12-31T23:59:59-01:00"}', '{"at":"0001-01-01T00:00:00+01:00"}'],
  'null and nothing in a list': [
    '{"l":null}',
    '{"l":[]}',
    '{"l":[null]}',
    '{"s":[null,"b"]}',
    '{"new":[]}',
    '{"new":[1]}',
  ],
  'an object where a scalar was': ['{"id":{"a":1}}', '{"o":5}', '{"s":{"a":1}}', '{"ok":[true]}'],
  'numbers in the place of keys': ['{"10":1,"2":2,"id":3}', '{"2":1,"10":2}'],
  'keys in another order': ['{"n":1.5,"id":9}', '{"ok":true,"id":9,"n":2.5}', '{"o":{"x":"z"},"id":4}'],
  'lists of lists': ['{"s":[["a","b"],[]]}', '{"s":[["c"],"d"]}', '{"s":[[["deep"]]]}'],
  'quotes, line breaks and commas': [String.raw`{"o":{"x":"a\"b,c\nd"}}`, '{"o":{"x":"a,b"}}', '{"o":{"x":""}}'],
  'names of system columns': [
    '{"_dlt_id":"own","id":4}',
    '{"_dlt_load_id":"x"}',
    '{"l":[{"_dlt_parent_id":"p","v":1}]}',
  ],
  'rows that are no objects': ['5', '"text"', 'null', '[1,{"a":2}]', 'true'],
  'blank lines and carriage returns': ['', '   ', '{"id":5}\r', '\t{"id":6}'],
  'escapes in keys': [String.raw`{"\u0069d":4}`, String.raw`{"i\u0064":4,"id":5}`],
  'a value without its key': ['{"id"}', '{:1}', '{"id":}', '{"id":1,}', '{id:1}'],
}

describe('every trap', () => {
  it.each(Object.keys(traps))('%s', async (name) => {
    for (const output of outputs) {
      // Each alone among usual rows, since an error ends the file.
      for (const odd of traps[name]!) {
        const lines = [usual, usual, usual, odd, usual, usual]
        await comparePaths({ lines, output })
        if (odd.trim() !== '') await comparePaths({ lines: [`[${lines.join(',')}]`], input: 'typed-jsonl', output })
      }
      await comparePaths({ lines: [usual, usual, ...traps[name]!.slice(0, 2), usual, usual], output })
    }
  })
})

describe('chunks that end at any byte', () => {
  const lines = [
    '{"id":1,"name":"Zürich, 東京 🎉","esc":"a\\"\\\\\\u00e9\\n\\ud83c\\udf89","n":-12.5e-3}\r',
    ' ',
    '{"id":-20,"l":[{"v":1},{"v":2.5}],"s":["é",""],"o":{"x":null,"täg":true}}',
    '',
    '{"id":3,"at":"2024-05-01T10:00:00.123456Z","n":0.1,"name":"the last line has no line break"}',
  ]
  const chunkSizes = Array.from({ length: Buffer.byteLength(lines.join('\n')) + 4 }, (_, index) => index + 1)

  it.each([
    ['with a byte order mark', `\ufeff${lines.join('\n')}`],
    ['with a mark in its midst, which is no JSON', `${lines[0]}\n\ufeff${lines[2]}\n${lines[4]}`],
    ['that is cut off', lines.join('\n').slice(0, -10)],
  ])('make no difference to a file %s', async (_, text) => {
    const reference = await outcomeOf({ lines: text, output: 'parquet' }, false)
    for (const chunkBytes of chunkSizes) {
      const fast = await outcomeOf({ lines: text, output: 'parquet', chunkBytes }, true)
      expect(fast.told, `chunks of ${chunkBytes} bytes`).toEqual(reference.told)
    }
  })
})

it('takes the rows that are usual', async () => {
  for (const output of outputs) {
    const share = await comparePaths({ lines: Array.from({ length: 100 }, () => usual), output })
    // The first two teach it what there is.
    expect(share).toBe(0.98)
  }
})

it('leaves a column alone from the row on whose value is beyond its type', async () => {
  // Known to be no double, so that it does not become one.
  const lines = ['1', '"text"', '9007199254740993', '9223372036854775808', '2', '3'].map((id) => `{"id":${id}}`)
  for (const output of outputs) await comparePaths({ lines, output })
})

it('leaves rows alone whose keys are data', async () => {
  const keyed = Array.from({ length: 1500 }, (_, at) => `{"id":${at},"of":{"k${at}":1,"l${at}":"x"}}`)
  // More than a block of rows that are usual, in which it rests, and then some.
  const filler = Array.from({ length: 20_000 }, () => usual)
  const share = await comparePaths({ lines: [...keyed, ...filler, ...keyed.slice(0, 10), usual] })
  expect(share).toBeLessThan(0.9)
}, 60_000)

it.each([1023, 1024, 1025])('reads rows of %i levels likewise', async (levels) => {
  const row = `{"a":${'['.repeat(levels - 1)}1${']'.repeat(levels - 1)}}`
  await comparePaths({ lines: [row, row] })
  await comparePaths({ lines: [`[${row},${row}]`, `[${row}]`], input: 'typed-jsonl' })
})

it('takes times behind their marker', async () => {
  const rows = Array.from({ length: 50 }, () => '{"id":1,"at":"\uf0272024-05-01T10:00:00.5+00:00"}')
  for (const output of outputs) {
    const share = await comparePaths({ lines: [`[${rows.join(',')}]`], input: 'typed-jsonl', output })
    expect(share).toBeGreaterThan(0.9)
  }
})

it.each(Object.entries({ ...readable, ...refused }))('JSON text %s', async (_, text) => {
  const lines = [usual, usual, text, `{"id":${text}}`, `{"l":${text},"o":${text}}`, usual]
  for (const line of lines.slice(2, 5)) await comparePaths({ lines: [usual, usual, line, usual] })
})

it.each(Object.entries(open))('JSON text %s, which readers may read or not', async (_, { text }) => {
  await comparePaths({ lines: [usual, usual, text, usual] })
  await comparePaths({ lines: [usual, usual, `{"id":${text}}`, usual] })
})

it.each([...Object.entries(naughtyStrings), ['marked', Object.values(markedStrings)] as const])(
  'strings: %s',
  async (_, strings) => {
    const rows = ['"a"', '"b"', ...strings.map((text) => JSON.stringify(text))].map((text) => `{"id":1,"x":${text}}`)
    const keyed = strings
      .filter((text) => text.length < 100)
      .map((text) => `{"id":1,"x":"a",${JSON.stringify(text)}:"y"}`)
    for (const output of outputs) {
      await comparePaths({ lines: rows, output })
      await comparePaths({ lines: [`[${rows.join(',')}]`], input: 'typed-jsonl', output })
    }
    await comparePaths({ lines: [...rows.slice(0, 3), ...keyed, ...keyed] })
  },
)

describe('objects and lists that stay whole', () => {
  const whole = updateTable(newSchema('test', namingConvention('snake_case')), {
    ...newTable('t'),
    columns: new Map([['o', { name: 'o', data_type: 'json' as const }]]),
  })
  const wholeRow = '{"id":1,"o":{"x":"y","n":[1,2.5,-0.25,true,null,{"a":{},"b":[]}],"s":"Zürich"}}'
  const compareWhole = async (texts: readonly string[]): Promise<number> => {
    const shares: number[] = []
    for (const output of outputs) {
      const rows = texts.map((text) => `{"id":1,"o":${text}}`)
      const lines = [wholeRow, wholeRow, ...rows, wholeRow]
      shares.push(await comparePaths({ lines, schema: whole, output }))
      shares.push(await comparePaths({ lines: [`[${lines.join(',')}]`], input: 'typed-jsonl', schema: whole, output }))
    }
    return Math.min(...shares)
  }

  it('take the fast path as programs write them', async () => {
    const values = [{ a: 1, b: [1.5, 'x"y', { c: null }], Zürich: true }, [], {}, [[]], [1, [2, [3]]], { '': '' }]
    const texts = values.flatMap((value) => [
      JSON.stringify(value),
      JSON.stringify(value, undefined, 1).replaceAll('\n', ' '),
    ])
    // As Python does: blanks behind commas and colons, and nothing but ASCII.
    const python = [raw`{"a": 1, "b": ["Z\u00fcrich", "\ud83d\ude00", "\u001f\t\/"], "c": {"d": 0.1}}`, '[1, 2, 3]']
    expect(await compareWhole([...texts, ...python, ...texts])).toBeGreaterThan(0.9)
  })

  it.each(outputs)('give the same %s files on both paths, whatever is in them', async (output) => {
    const json = { module: 'dlt.common.normalizers.json.relational', config: { max_nesting: 0 } }
    const schema: Schema = { ...plainSchema, normalizers: { ...plainSchema.normalizers, json } }
    const shares: number[] = []
    for (let seed = firstSeed; seed < firstSeed + cases; seed++) {
      const disorder = seed % 3 === 0 ? 0 : 0.01
      const lines = documentLines(seed, 100, { values: disorder, keys: disorder })
      shares.push(await comparePaths({ lines, schema, output }))
    }
    expect(Math.max(...shares)).toBeGreaterThan(0.8)
  })

  it.each([
    ['a key twice', ['{"a":1,"b":2,"a":3}', raw`{"a":1,"\u0061":2}`, '{"a":{"a":1,"b":{"a":2}},"b":1}']],
    [
      'spellings of numbers',
      ['[1.0,1.50,1e3,-0,0.0,-0.0,1E5,123456789012345678901]', '[0.1234567890123456789]', '[1e400]'],
    ],
    [
      'odd literals',
      ['[nul]', '[truth]', '[falsy]', '[nullx]', '[true false]', '[,]', '[1,]', '{"a":1,}', '{"a"}', '{,}'],
    ],
    ['what is cut off', ['{"a":', '[1', '{"a":"']],
    ['strings', Object.values(markedStrings).map((text) => JSON.stringify({ a: text }))],
    ['lone surrogates', [raw`["\ud800"]`, raw`["\udc00x"]`, raw`{"\ud800":1}`]],
    ['deep values', [`${'['.repeat(63)}1${']'.repeat(63)}`, `${'['.repeat(70)}1${']'.repeat(70)}`]],
    [
      'many keys',
      [127, 128, 129].map((n) =>
        JSON.stringify(Object.fromEntries(Array.from({ length: n }, (_, at) => [`k${at}`, at]))),
      ),
    ],
    ['scalars', ['1', '"text"', 'true', 'null', '1.5']],
  ])('tell of %s what the reference path tells', async (_, texts) => {
    for (const text of texts) await compareWhole([text])
  })

  it.each(Object.entries({ ...readable, ...refused }))('JSON text %s', async (_, text) => {
    for (const value of [text, `{"x":${text}}`, `[1,${text}]`]) {
      await comparePaths({
        lines: [wholeRow, wholeRow, `{"id":1,"o":${value}}`, wholeRow],
        schema: whole,
        output: 'parquet',
      })
    }
  })

  it('get longer in CSV, by each quote', async () => {
    const long = JSON.stringify(Array.from({ length: 400_000 }, () => ''))
    expect(await compareWhole([long, long.replaceAll(',', ', ')])).toBeGreaterThan(0.5)
  })
})

describe('what a schema says', () => {
  const table = (hints: Partial<ReturnType<typeof newTable>>, settings: object = {}): Schema => ({
    ...updateTable(newSchema('test', namingConvention('snake_case')), { ...newTable('t'), ...hints }),
    ...settings,
  })

  it('keeps a null out of a column that must not have one', async () => {
    const columns = new Map([['id', { name: 'id', data_type: 'bigint' as const, nullable: false }]])
    await comparePaths({ lines: [usual, usual, usual, '{"id":null}'], schema: table({ columns }) })
  })

  it.each([
    'bigint',
    'double',
    'text',
    'timestamp',
    'date',
    'decimal',
    'json',
    'bool',
    'wei',
    'binary',
    'time',
  ] as const)('has %s columns that are complete', async (type) => {
    const columns = new Map(['id', 'n', 'at', 'x'].map((name) => [name, { name, data_type: type }]))
    const lines = documentLines(7, 40, { values: 0.1, keys: 0 })
    for (const output of outputs)
      await comparePaths({ lines: [usual, usual, ...lines], schema: table({ columns }), output })
  })

  it('has integers of few bits and times of other precisions', async () => {
    const columns = new Map([
      ['id', { name: 'id', data_type: 'bigint' as const, precision: 8 }],
      ['at', { name: 'at', data_type: 'timestamp' as const, precision: 9, timezone: false }],
    ])
    for (const output of outputs) {
      await comparePaths({ lines: [usual, usual, '{"id":300}', usual], schema: table({ columns }), output })
    }
  })

  it.each(['evolve', 'discard_row', 'discard_value', 'freeze'] as const)('has a contract: %s', async (mode) => {
    const hints = { schema_contract: { tables: 'evolve' as const, columns: mode, data_type: mode } }
    const base = plainSchema.tables.get('t')!
    for (const seed of [1, 2]) {
      await comparePaths({
        lines: [usual, usual, ...documentLines(seed, 40, { values: 0.05, keys: 0.05 })],
        schema: table({ ...base, hints: { ...base.hints, ...hints } }),
      })
    }
  })

  it.each([0, 1, 2])('opens at most %i levels', async (level) => {
    const json = { module: 'dlt.common.normalizers.json.relational', config: { max_nesting: level } }
    const schema = table({}, { normalizers: { ...plainSchema.normalizers, json } })
    for (const output of outputs)
      await comparePaths({ lines: documentLines(3, 60, { values: 0.02, keys: 0.02 }), schema, output })
  })

  it('hands down ids of root rows', async () => {
    const json = {
      module: 'dlt.common.normalizers.json.relational',
      config: { propagation: { root: { _dlt_id: '_dlt_root_id' }, tables: {} } },
    }
    const schema = table({}, { normalizers: { ...plainSchema.normalizers, json } })
    for (const output of outputs) {
      const share = await comparePaths({ lines: Array.from({ length: 50 }, () => usual), schema, output })
      expect(share).toBeGreaterThan(0.9)
      await comparePaths({ lines: documentLines(5, 60, { values: 0.02, keys: 0.02 }), schema, output })
    }
  })
})
