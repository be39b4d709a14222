/* Rows as typed JSON, which both implementations read: two runs of a shop with all types, nested lists and odd names. */

const marks = { decimal: '\uf026', timestamp: '\uf027', date: '\uf028', bytes: '\uf02b', wei: '\uf02c', time: '\uf02d' }

/** An integer beyond 2^53, which JSON has a form for and JavaScript's numbers have not. */
const big = '9007199254740993'

const values = {
  integer: '@big',
  ratio: 0.1,
  tiny: 5e-324,
  flag: true,
  price: `${marks.decimal}12345678901234567890.123456789`,
  account: `${marks.wei}123456789012345678901234567890`,
  placed_at: `${marks.timestamp}2024-02-29T23:59:59.999999+02:00`,
  seen_at: '2024-03-10T02:30:00.000001-05:00',
  day: `${marks.date}1969-12-31`,
  at: `${marks.time}23:59:59.999999`,
  picture: '@bytes',
}

const texts = [
  '',
  ' ',
  '"; DROP TABLE x; --',
  "it''s",
  '\\N',
  '\\x41',
  'a,b\n"c"\r\n\td',
  '{"no": "json"}',
  'Ω≈ç√∫ \u202e\u200b مرحبا 田中 👩‍👩‍👧‍👦 \u{1f9ff} e\u0301',
  '\ufeffbom',
  'null',
]

const first = {
  orders: [
    {
      id: 1,
      ...values,
      'Customer Name': { 'Given-Name': 'Zoë', address: { city: 'Łódź', 'zip code': '00-001' } },
      items: [
        { sku: 'tea', qty: 2, tags: ['green', 'loose'] },
        { sku: 'cup', qty: 1, parts: [[1, 2], [3]] },
      ],
      maybe: 1,
    },
    // Of another type than before: variant columns.
    { id: 2, ratio: 'not a number', maybe: 'many', flag: 'perhaps', items: [] },
    { id: 3, integer: null, price: `${marks.decimal}-0.000000001`, items: [{ sku: 'pot', qty: 'one' }] },
  ],
  notes: texts.map((text, at) => ({ id: at + 1, text, doc: { text, list: [text, at] } })),
}

const second = {
  orders: [
    // Columns that are new, with one of each type; and the old ones with other types.
    { id: 4, later: { ...values }, integer: 'text now', maybe: 2.5, discount: 1 },
    { id: 5, later: { day: 'tomorrow' }, items: [{ sku: 'jar', qty: 3, sold_by: [{ name: 'Eve' }] }] },
  ],
  notes: [{ id: 100, text: 17, language: 'de' }],
  returns: [{ order_id: 1, reasons: ['broken'] }],
}

const hints = { notes: { columns: { doc: { name: 'doc', data_type: 'json' } }, primary_key: 'id' } }

/**
 * Two runs, as steps of a scenario.
 *
 * @param options.bytes  what stands in the binary columns
 */
export function shopOf({ bytes }) {
  return [first, second].map((tables) => ({
    run: {
      resources: Object.entries(tables).map(([name, rows]) => {
        return { name, items: rows.map((row) => textOf(row, bytes)), ...hints[name] }
      }),
    },
  }))
}

export const shop = shopOf({ bytes: Buffer.from([0, 255, 254, 128]) })

/** A row as JSON text, with what stands for the bytes, and for the integer that no number of JavaScript's is. */
function textOf(row, bytes) {
  const text = JSON.stringify(row).replaceAll('"@big"', big)
  return text.replaceAll('@bytes', marks.bytes + Buffer.from(bytes).toString('base64'))
}
