import { expect, it } from 'vitest'
import { Decimal, Double, encodeMarker, tryDecodeMarker, type Value } from '@gantry/common'
import { shifted } from '../../src/incremental/lag.ts'

it.each<[Value, number, unknown]>([
  [10, -3, 7],
  [10, -2.5, 7],
  [1.5, -1, 0.5],
  [new Double(2), 1, new Double(3)],
  [2n ** 60n, -1, 2n ** 60n - 1n],
  ['2024-05-01', -1, '2024-04-30'],
  ['20240501', 1, '20240502'],
  ['2024-05-01T00:00:00Z', -1, '2024-04-30T23:59:59Z'],
  ['2024-05-01T00:00:00+02:00', 60, '2024-05-01T00:01:00+02:00'],
  ['2024-05-01T00:00:00.500-0500', 0.25, '2024-05-01T00:00:00.750-0500'],
  ['2024-05-01T00:00:00.123456789Z', 1, '2024-05-01T00:00:01.123456000Z'],
  ['2024-05-01T00:00', -60, '2024-04-30T23:59'],
  ['2024-05-01 10:00:00', -3600, '2024-05-01 09:00:00'],
])('%s moved by %d is %s', (value, by, moved) => {
  expect(shifted(value, by)).toEqual(moved)
})

it.each([
  ['\uf0272024-05-01T00:00:00+02:00', -1, '\uf0272024-04-30T23:59:59+02:00'],
  ['\uf0282024-03-01', -1, '\uf0282024-02-29'],
])('%s moved by %d is %s', (value, by, moved) => {
  expect(encodeMarker(shifted(tryDecodeMarker(value), by) as Decimal)).toBe(moved)
})

it.each<Value>(['Monday', '2024', '2024-W01', '2024-05-01T', true, new Decimal(false, 1n, 0)])(
  '%s is not moved',
  (value) => {
    expect(() => shifted(value, 1)).toThrow(/cannot be moved by a lag/)
  },
)
