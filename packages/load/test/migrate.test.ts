import type { Environment } from '@gantry/common'
import { describe, expect, it } from 'vitest'
import type { Column, Table } from '@gantry/common'
import { openOptions } from './support.ts'
import { duckdbDialect } from '../src/destinations/duckdb/duckdb-dialect.ts'
import { classifyDuckdbError } from '../src/destinations/duckdb/duckdb-errors.ts'
import { duckdbMemory } from '../src/destinations/duckdb/duckdb-memory.ts'
import { duckdbTarget, type DuckdbTarget } from '../src/destinations/duckdb/duckdb-config.ts'
import type { CatalogColumn } from '../src/sql/engine.ts'
import { planMigration } from '../src/sql/plan-migration.ts'

function table(name: string, ...columns: Column[]): Table {
  return { name, columns: new Map(columns.map((column) => [column.name, column])), hints: {} }
}

function existing(...names: string[]): CatalogColumn[] {
  return names.map((name) => ({ name, type: 'VARCHAR' }))
}

const dialect = duckdbDialect('db')

describe('a migration', () => {
  const users = table(
    'users',
    { name: 'id', data_type: 'bigint', nullable: false },
    { name: 'we"ird', data_type: 'text' },
    { name: 'incomplete' },
  )

  it('creates a table with all complete columns in schema order', () => {
    const { statements } = planMigration('ds', [users], new Map(), dialect)
    expect(statements).toEqual(['CREATE TABLE "db"."ds"."users" ("id" BIGINT NOT NULL, "we""ird" VARCHAR)'])
  })

  it('adds what is missing, whatever the case of names, and never a column that must not be null', () => {
    const plan = planMigration('ds', [users], new Map([['users', existing('we"ird')]]), dialect)
    expect(plan.statements).toEqual(['ALTER TABLE "db"."ds"."users" ADD COLUMN "id" BIGINT'])
    expect(plan.relaxed).toEqual([{ table: 'users', column: 'id' }])
  })

  it.each([
    ['v1.0.0+', 'VARCHAR USING COMPRESSION uncompressed', 'VARCHAR USING COMPRESSION dictionary'],
    ['v1.5.0+', 'VARCHAR USING COMPRESSION uncompressed', 'VARCHAR'],
    [undefined, 'VARCHAR', 'VARCHAR'],
  ])('says how ids are stored in a file of version %s', (version, ofRow, ofParent) => {
    const columns: Column[] = [
      { name: 'id', data_type: 'text', row_key: true, nullable: false },
      { name: 'parent', data_type: 'text', parent_key: true },
      { name: 'root', data_type: 'text', root_key: true },
      { name: 'note', data_type: 'text' },
      { name: 'number', data_type: 'bigint', row_key: true },
    ]
    const { statements } = planMigration('ds', [table('t', ...columns)], new Map(), duckdbDialect('db', version))
    expect(statements).toEqual([
      `CREATE TABLE "db"."ds"."t" ("id" ${ofRow} NOT NULL, "parent" ${ofParent}, "root" ${ofParent}, "note" VARCHAR, "number" BIGINT)`,
    ])
  })

  it('does nothing where nothing is missing', () => {
    expect(
      planMigration('ds', [users], new Map([['users', existing('id', 'we"ird', 'other')]]), dialect).statements,
    ).toEqual([])
  })

  it.each<[Partial<Column>, string]>([
    [{ data_type: 'bigint', precision: 8 }, 'TINYINT'],
    [{ data_type: 'bigint', precision: 16 }, 'SMALLINT'],
    [{ data_type: 'bigint', precision: 32 }, 'INTEGER'],
    [{ data_type: 'bigint', precision: 128 }, 'HUGEINT'],
    [{ data_type: 'decimal' }, 'DECIMAL(38,9)'],
    [{ data_type: 'decimal', precision: 10, scale: 2 }, 'DECIMAL(10,2)'],
    [{ data_type: 'wei' }, 'DECIMAL(38,0)'],
    [{ data_type: 'timestamp' }, 'TIMESTAMP WITH TIME ZONE'],
    [{ data_type: 'timestamp', timezone: false, precision: 3 }, 'TIMESTAMP_MS'],
    [{ data_type: 'binary' }, 'BLOB'],
    [{ data_type: 'json' }, 'JSON'],
  ])('gives %j the type %s', (hints, type) => {
    expect(dialect.typeOf({ name: 'c', ...hints })).toBe(type)
  })
})

describe('errors of DuckDB', () => {
  it.each([
    ['IO Error: Could not set lock on file "/x.duckdb": Conflicting lock is held in node (PID 12)', 'locked'],
    ["Conversion Error: Could not convert string 'x' to INT32", 'terminal'],
    ['Constraint Error: NOT NULL constraint failed: t.id', 'terminal'],
    ['Catalog Error: Table with name nope does not exist!', 'terminal'],
    ['IO Error: Could not read from file', 'transient'],
    ['Out of Memory Error: failed to allocate', 'memory'],
    ['TransactionContext Error: Failed to commit: Could not write file "/d/x.db": No space left on device', 'diskFull'],
    ['something new', 'transient'],
  ])('%s is %s', (message, kind) => {
    expect(classifyDuckdbError(message)).toBe(kind)
  })
})

describe('where the database is', () => {
  const target = (credentials: unknown, env: Environment = {}): DuckdbTarget =>
    duckdbTarget({ ...openOptions('duckdb', 'd', credentials, { env }), workingFolder: '/w/test', localDir: '/local' })
  it.each<[unknown, string]>([
    [undefined, '/local/test.duckdb'],
    ['x.db', '/local/x.db'],
    ['/abs/x.db', '/abs/x.db'],
    ['duckdb:///rel/x.db', '/local/rel/x.db'],
    ['duckdb:////abs/x.db', '/abs/x.db'],
    [{ database: 'y.db' }, '/local/y.db'],
    [':pipeline:', '/w/test/test.duckdb'],
  ])('%j is %s', (credentials, path) => {
    expect(target(credentials)).toEqual({ path })
  })

  it('may be said by the environment, in dlt’s names', () => {
    expect(target(undefined, { DESTINATION__DUCKDB__CREDENTIALS: 'duckdb:///e.db' })).toEqual({
      path: '/local/e.db',
    })
  })

  it('is not in memory', () => {
    expect(() => target(':memory:')).toThrow('in memory')
  })
})

describe('the memory of a load', () => {
  it.each([
    ['400MiB', 8, 1, 4, 1],
    ['250MB', 8, 1, 2, 1],
    ['2GB', 8, 5, 8, 4],
    ['2GB', 2, 2, 2, 2],
    ['80%', 8, 1, 4, 1],
  ])('%s on %d cores allows %d threads, of Parquet %d into 12 columns, %d into 209', (limit, cores, ...threads) => {
    const memory = duckdbMemory(
      openOptions('duckdb', 'd', undefined, { env: { DESTINATION__DUCKDB__MEMORY_LIMIT: limit } }),
      cores,
    )
    expect(memory.limit).toBe(limit)
    expect([memory.threads, memory.threadsForParquet(12), memory.threadsForParquet(209)]).toEqual(threads)
  })
})
