import { DateValue, Double, parseDecimal, parseJson, Timestamp, TimeValue, Wei } from '@gantry/common'

/** A row with a value of each type, most of them at an edge. */
export const rowOfAllTypes = {
  n: 1,
  truth: true,
  small: -128,
  integer: 9007199254740993n,
  wei: new Wei(10n ** 38n - 1n),
  ratio: 0.30000000000000004,
  whole: new Double(1),
  price: parseDecimal('12345678901234567890123456789.123456789'),
  at: new Timestamp(19_000, 1, 0),
  wall: new Timestamp(0, 86_399_999_999),
  day: new DateValue(2_932_896),
  time: new TimeValue(1),
  bytes: new Uint8Array([0, 255, 39, 92, 10]),
  doc: parseJson('["it\'s \\"\\\\ \\n",2.5,null,true,9007199254740993]'),
  tags: ['a', "'b'", '),\n('],
}
