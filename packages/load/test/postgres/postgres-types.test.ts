import type { Column } from '@gantry/common'
import { expect, it } from 'vitest'
import { postgresDialect } from '../../src/destinations/postgres/postgres-dialect.ts'
import { rowConverter } from '../../src/destinations/postgres/postgres-rows.ts'
import { UnsupportedDataType } from '../../src/errors.ts'

const dialect = postgresDialect(true)

it.each<[Omit<Column, 'name'>, string]>([
  [{ data_type: 'text' }, 'varchar'],
  [{ data_type: 'text', precision: 64 }, 'varchar(64)'],
  [{ data_type: 'double' }, 'double precision'],
  [{ data_type: 'bool' }, 'boolean'],
  [{ data_type: 'bigint' }, 'bigint'],
  [{ data_type: 'bigint', precision: 64 }, 'bigint'],
  [{ data_type: 'bigint', precision: 32 }, 'integer'],
  [{ data_type: 'bigint', precision: 8 }, 'smallint'],
  [{ data_type: 'decimal' }, 'numeric(38,9)'],
  [{ data_type: 'decimal', precision: 10 }, 'numeric(10,0)'],
  [{ data_type: 'decimal', precision: 10, scale: 2 }, 'numeric(10,2)'],
  [{ data_type: 'wei' }, 'numeric(156,78)'],
  [{ data_type: 'timestamp' }, 'timestamp with time zone'],
  [{ data_type: 'timestamp', precision: 6 }, 'timestamp with time zone'],
  [{ data_type: 'timestamp', precision: 3 }, 'timestamp (3) with time zone'],
  [{ data_type: 'timestamp', timezone: false }, 'timestamp without time zone'],
  [{ data_type: 'timestamp', timezone: false, precision: 0 }, 'timestamp (0) without time zone'],
  [{ data_type: 'date' }, 'date'],
  [{ data_type: 'time' }, 'time without time zone'],
  [{ data_type: 'time', precision: 3 }, 'time (3) without time zone'],
  [{ data_type: 'binary' }, 'bytea'],
  [{ data_type: 'json' }, 'jsonb'],
])('%j is %s', (column, type) => {
  expect(dialect.typeOf({ name: 'c', ...column })).toBe(type)
})

it.each<Omit<Column, 'name'>>([
  { data_type: 'bigint', precision: 65 },
  { data_type: 'timestamp', precision: 9 },
  { data_type: 'time', precision: 7 },
])('%j is refused, by the name of its column', (column) => {
  const typeOf = (): string => dialect.typeOf({ name: 'price', ...column })
  expect(typeOf).toThrow(UnsupportedDataType)
  expect(typeOf).toThrow('price')
})

it('unique columns get an index, unless indexes are turned off', () => {
  const column: Column = { name: 'c', data_type: 'text', unique: true }
  expect(dialect.attributesOf(column)).toBe('UNIQUE')
  expect(dialect.attributesOf({ ...column, unique: false })).toBe('')
  expect(postgresDialect(false).attributesOf(column)).toBe('')
})

it.each([
  ['timestamp with time zone', '10000-01-01 00:00:00+00', '+010000-01-01T00:00:00+00:00'],
  ['timestamp with time zone', '0044-03-15 12:00:00.5+00 BC', '-000043-03-15T12:00:00.500000+00:00'],
  ['timestamp without time zone', 'infinity', 'infinity'],
  ['numeric', 'NaN', 'NaN'],
  ['numeric', '100', '100'],
  ['ARRAY', '{1,2}', '{1,2}'],
])('reads %s %s as %s', (type, text, value) => {
  expect(rowConverter(type, { exact: true })(text)).toBe(value)
})

it('reads instants outside of four-digit years as Date', () => {
  const convert = rowConverter('timestamp with time zone', {})
  expect(convert('10000-01-01 00:00:00+00')).toEqual(new Date('+010000-01-01T00:00:00Z'))
  expect(convert('0044-03-15 12:00:00.5+00 BC')).toEqual(new Date('-000043-03-15T12:00:00.5Z'))
  expect(convert('-infinity')).toBe('-infinity')
})
