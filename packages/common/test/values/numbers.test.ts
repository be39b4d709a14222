import { describe, expect, it } from 'vitest'
import { compareDecimals, Decimal, parseDecimal, tryDecimal, Wei } from '../../src/values/decimal.ts'
import { Double, double, jsonFloatText, pythonFloatText } from '../../src/values/double.ts'
import { integerValue, tryFloat, tryHexInteger, tryInteger } from '../../src/values/number-text.ts'

describe('doubles', () => {
  it('tells 1.0 from 1', () => {
    expect(double(1)).toEqual(new Double(1))
    expect(double(1.5)).toBe(1.5)
    expect(double(-0)).toEqual(new Double(-0))
  })

  it.each([
    [1, '1.0', '1.0'],
    [-0, '-0.0', '-0.0'],
    [0.0001, '0.0001', '0.0001'],
    [0.00001, '1e-05', '0.00001'],
    [0.000001, '1e-06', '1e-6'],
    [1.5e-9, '1.5e-09', '1.5e-9'],
    [5e-324, '5e-324', '5e-324'],
    [1e15, '1000000000000000.0', '1000000000000000.0'],
    [1e16, '1e+16', '1e+16'],
    [-1.25e21, '-1.25e+21', '-1.25e+21'],
    [1.7976931348623157e308, '1.7976931348623157e+308', '1.7976931348623157e+308'],
    [NaN, 'nan', 'null'],
    [-Infinity, '-inf', 'null'],
  ])('prints %d as Python and as orjson do', (number, python, json) => {
    expect(pythonFloatText(number)).toBe(python)
    expect(jsonFloatText(number)).toBe(json)
  })
})

describe('numbers in text', () => {
  it('keeps integers exact beyond 2^53', () => {
    expect(tryInteger('9223372036854775807')).toBe(2n ** 63n - 1n)
    expect(tryInteger('-9007199254740993')).toBe(-9007199254740993n)
    expect(integerValue(9007199254740991n)).toBe(9007199254740991)
  })

  it.each([' 12 ', '+12', '1_2', '１２', '\u001c12\u0085'])('reads %j as Python does', (text) => {
    expect(tryInteger(text)).toBe(12)
  })

  it.each(['', ' ', '1e3', '1.0', '_1', '1_', '1__2', '+ 1', '0x10', '1\ufeff', '9'.repeat(4301)])(
    'finds no integer in %j',
    (text) => expect(tryInteger(text)).toBeUndefined(),
  )

  it('has no negative zero among the integers', () => {
    expect(Object.is(tryInteger('-0'), 0)).toBe(true)
  })

  it('reads hexadecimal with a second prefix, a sign and blanks', () => {
    expect(tryHexInteger('ff')).toBe(255n)
    expect(tryHexInteger(' -0x_1_0 ')).toBe(-16n)
    expect(tryHexInteger('')).toBeUndefined()
    expect(tryHexInteger('1__0')).toBeUndefined()
    expect(tryHexInteger('ｆｆ')).toBeUndefined()
  })

  it('reads doubles as Python does', () => {
    expect(['1e3', '.5', '5.', ' 1_0.2_5e+1_0 ', '-٣', 'InFinity', '-inf'].map(tryFloat)).toEqual([
      1000,
      0.5,
      5,
      10.25e10,
      -3,
      Infinity,
      -Infinity,
    ])
    expect(tryFloat('NaN')).toBeNaN()
    for (const text of ['', '.', 'e5', '1e', '1,5', '0x10', '1_', '_1', '1._5', '+-1', 'infinit']) {
      expect(tryFloat(text)).toBeUndefined()
    }
  })

  it('refuses a long run of digits with a bad end in no time', () => {
    expect(tryFloat(`${'1'.repeat(200_000)}x`)).toBeUndefined()
    expect(tryDecimal(`${'1'.repeat(200_000)}x`)).toBeUndefined()
  })
})

describe('decimals', () => {
  it.each([
    ['1.10', '1.10'],
    ['-0.00', '-0.00'],
    ['1e3', '1E+3'],
    ['1.50E+3', '1.50E+3'],
    ['0.0000001', '1E-7'],
    ['0.000001', '0.000001'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['_1__0', '10'],
    [' ٣.٥ ', '3.5'],
    ['0E-9', '0E-9'],
    ['inf', 'Infinity'],
    ['-NaN12', '-NaN12'],
    ['snan', 'sNaN'],
    ['1e999999999', '1E+999999999'],
    ['12345678901234567890.123456789', '12345678901234567890.123456789'],
  ])('reads %s and prints %s', (text, printed) => {
    expect(parseDecimal(text).toString()).toBe(printed)
  })

  it.each(['', '.', '1e', 'e1', '--1', '1 0', '0x10', 'infinit', '1e99999999999999999999'])(
    'finds no decimal in %j',
    (text) => {
      expect(tryDecimal(text)).toBeUndefined()
      expect(() => parseDecimal(text)).toThrow(SyntaxError)
    },
  )

  it('takes doubles digit for digit', () => {
    expect(String(Decimal.ofDouble(0.1))).toBe('0.1000000000000000055511151231257827021181583404541015625')
    expect(String(Decimal.ofDouble(1e22))).toBe('10000000000000000000000')
    expect(String(Decimal.ofDouble(-0))).toBe('-0')
    expect(String(Decimal.ofDouble(-2.5))).toBe('-2.5')
  })

  it('compares by value, however far apart the exponents', () => {
    const ordered = ['-Infinity', '-1e999999999', '-1.5', '-1e-999999999', '0', '0.1', '1', '1e999999999', 'Infinity']
    const decimals = ordered.map(parseDecimal)
    expect(decimals.toReversed().toSorted(compareDecimals).map(String)).toEqual(decimals.map(String))
    expect(compareDecimals(parseDecimal('1.0'), parseDecimal('1'))).toBe(0)
    expect(compareDecimals(parseDecimal('-0'), parseDecimal('0e9'))).toBe(0)
    expect(compareDecimals(parseDecimal('NaN'), parseDecimal('1'))).toBeNaN()
  })

  it('is an integer only where there is no fraction and not too many digits', () => {
    expect(parseDecimal('1.00e3').tryInteger(28)).toBe(1000n)
    expect(parseDecimal('-12.00').tryInteger(28)).toBe(-12n)
    expect(parseDecimal('1.5').tryInteger(28)).toBeUndefined()
    expect(parseDecimal('1e28').tryInteger(28)).toBeUndefined()
    expect(parseDecimal('1e-999999999').tryInteger(28)).toBeUndefined()
    expect(parseDecimal('0e999999999').tryInteger(28)).toBe(0n)
    expect(parseDecimal('NaN').tryInteger(28)).toBeUndefined()
  })

  it('keeps 256 bits of wei', () => {
    const wei = new Wei(2n ** 256n - 1n)
    expect(String(wei)).toBe('115792089237316195423570985008687907853269984665640564039457584007913129639935')
    expect(String(wei.decimal)).toBe(String(wei))
  })
})
