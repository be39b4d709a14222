import { expect, it } from 'vitest'
import { findSystemTables } from '../src/sql/stored.ts'

const snake = { loads: '_dlt_loads', states: '_dlt_pipeline_state', versions: '_dlt_version' }
const s3 = { loads: 'dlt_loads', states: 'dlt_pipeline_state', versions: 'dlt_version' }

it('finds the tables of the convention that is known first, then those of snake_case, then what looks like them', () => {
  const tables = [...Object.values(snake), ...Object.values(s3), 'DltLoads', 'DltPipelineState', 'orders'].toSorted()
  const camel = { loads: 'DltLoads', states: 'DltPipelineState' }
  expect(findSystemTables(tables, undefined)).toEqual([snake, camel, s3])
  expect(findSystemTables(tables, 's3_tables')).toEqual([s3, snake, camel])
})

it('takes part of them for what they are', () => {
  expect(findSystemTables(['_dlt_loads', '_dlt_version'], 'snake_case')).toEqual([
    { loads: '_dlt_loads', versions: '_dlt_version' },
  ])
  expect(findSystemTables(['_dlt_version', 'orders'], undefined)).toEqual([])
})
