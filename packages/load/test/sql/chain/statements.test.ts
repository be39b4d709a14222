import type { Column, TableHints } from '@gantry/common'
import { describe, expect, it } from 'vitest'
import { duckdbDialect } from '../../../src/destinations/duckdb/duckdb-dialect.ts'
import type { StagedStrategy } from '../../../src/plan-package.ts'
import type { Chain, ChainTable } from '../../../src/sql/chain/chain.ts'
import { chainStatements } from '../../../src/sql/chain/statements.ts'
import { seenTable } from '../../support.ts'

/* The statements as they are sent. What they do to rows is in `strategies.test.ts`. */

type Columns = Readonly<Record<string, Omit<Column, 'name'>>>

function chainTable(name: string, columns: Columns, hints: TableHints): ChainTable {
  const table = seenTable(name, columns, hints)
  return { table, columns: [...table.columns.values()], name: `"ds"."${name}"`, staging: `"st"."${name}_1"` }
}

const rowId = { _dlt_id: { data_type: 'text', nullable: false, row_key: true } } as const
const single = { 'x-stage-data-deduplicated': true } as const
const pk = { data_type: 'bigint', primary_key: true, nullable: false } as const

/** `o` with the given columns and, if asked for, `o__l` below it. */
function chain(
  columns: Columns,
  { hints = {}, isNested = false }: { hints?: TableHints; isNested?: boolean } = {},
): Chain {
  const root = chainTable('o', { ...columns, ...rowId }, { write_disposition: 'merge', ...hints })
  const toRoot = { _dlt_root_id: { data_type: 'text', nullable: false, root_key: true } } as const
  const nested = isNested ? [chainTable('o__l', { ...toRoot, ...rowId }, { parent: 'o' })] : []
  return { root, nested, createdAt: '2024-01-02T03:04:05.678901+00:00' }
}

/** All statements, a line each, with short names for temporary tables. */
function text(strategy: StagedStrategy, of: Chain): string {
  const { prepare, apply, cleanUp } = chainStatements(of, strategy, duckdbDialect('db'))
  const lines = [...prepare.map((sql) => `prepare: ${sql}`), ...apply, ...cleanUp.map((sql) => `clean up: ${sql}`)]
  return lines.map((line) => line.replaceAll(/"_dlt_(\w+?)_[0-9a-f]{16}"/g, '<$1>')).join('\n')
}

describe('delete-insert', () => {
  it('without keys adds rows', () => {
    expect(text('delete-insert', chain({ id: { data_type: 'bigint' } }, { hints: single }))).toMatchInlineSnapshot(
      `"INSERT INTO "ds"."o" ("id", "_dlt_id") SELECT "id", "_dlt_id" FROM "st"."o_1" AS s WHERE 1 = 1"`,
    )
  })
  it('by a key, of one table', () => {
    expect(text('delete-insert', chain({ id: pk }))).toMatchInlineSnapshot(`
      "prepare: CREATE TEMPORARY TABLE <first> AS SELECT "id", "_dlt_id" FROM (SELECT ROW_NUMBER() OVER (PARTITION BY s."id" ORDER BY (SELECT NULL)) AS "_dlt_dedup_rank", "id", "_dlt_id" FROM "st"."o_1" AS s WHERE EXISTS (SELECT 1 FROM (SELECT s."id" FROM "st"."o_1" AS s GROUP BY s."id" HAVING COUNT(*) > 1) AS r WHERE s."id" = r."id")) AS ranked WHERE "_dlt_dedup_rank" = 1
      DELETE FROM "ds"."o" AS d WHERE EXISTS (SELECT 1 FROM "st"."o_1" AS s WHERE d."id" = s."id")
      DELETE FROM "st"."o_1" AS d WHERE EXISTS (SELECT 1 FROM <first> AS s WHERE d."id" = s."id")
      INSERT INTO "st"."o_1" ("id", "_dlt_id") SELECT "id", "_dlt_id" FROM <first>
      INSERT INTO "ds"."o" ("id", "_dlt_id") SELECT "id", "_dlt_id" FROM "st"."o_1" AS s WHERE 1 = 1
      clean up: DROP TABLE IF EXISTS <first>"
    `)
  })
  it('by two keys of two columns, with tables below', () => {
    const merge = { data_type: 'text', merge_key: true } as const
    const columns = { a: pk, b: pk, x: merge, y: merge }
    expect(text('delete-insert', chain(columns, { isNested: true, hints: single }))).toMatchInlineSnapshot(`
      "prepare: CREATE TEMPORARY TABLE <deleted> AS SELECT d."_dlt_id" FROM "ds"."o" AS d WHERE EXISTS (SELECT 1 FROM "st"."o_1" AS s WHERE d."a" = s."a" AND d."b" = s."b") UNION SELECT d."_dlt_id" FROM "ds"."o" AS d WHERE EXISTS (SELECT 1 FROM "st"."o_1" AS s WHERE d."x" = s."x" AND d."y" = s."y")
      DELETE FROM "ds"."o__l" AS d WHERE d."_dlt_root_id" IN (SELECT "_dlt_id" FROM <deleted>)
      DELETE FROM "ds"."o" AS d WHERE d."_dlt_id" IN (SELECT "_dlt_id" FROM <deleted>)
      INSERT INTO "ds"."o" ("a", "b", "x", "y", "_dlt_id") SELECT "a", "b", "x", "y", "_dlt_id" FROM "st"."o_1" AS s WHERE 1 = 1
      INSERT INTO "ds"."o__l" ("_dlt_root_id", "_dlt_id") SELECT "_dlt_root_id", "_dlt_id" FROM "st"."o__l_1" AS s WHERE 1 = 1
      clean up: DROP TABLE IF EXISTS <deleted>"
    `)
  })
  it('by a nullable key in an order, without what is deleted', () => {
    const columns: Columns = {
      id: { data_type: 'bigint', primary_key: true },
      seq: { data_type: 'bigint', dedup_sort: 'desc' },
      gone: { data_type: 'bool', hard_delete: true },
    }
    expect(text('delete-insert', chain(columns, { isNested: true }))).toMatchInlineSnapshot(`
      "prepare: CREATE TEMPORARY TABLE <deleted> AS SELECT d."_dlt_id" FROM "ds"."o" AS d WHERE EXISTS (SELECT 1 FROM "st"."o_1" AS s WHERE d."id" = s."id")
      prepare: CREATE TEMPORARY TABLE <first> AS SELECT "id", "seq", "gone", "_dlt_id" FROM (SELECT ROW_NUMBER() OVER (PARTITION BY s."id" ORDER BY s."seq" DESC) AS "_dlt_dedup_rank", "id", "seq", "gone", "_dlt_id" FROM "st"."o_1" AS s WHERE EXISTS (SELECT 1 FROM (SELECT s."id" FROM "st"."o_1" AS s GROUP BY s."id" HAVING COUNT(*) > 1) AS r WHERE s."id" IS NOT DISTINCT FROM r."id")) AS ranked WHERE "_dlt_dedup_rank" = 1
      prepare: CREATE TEMPORARY TABLE <first_1> AS SELECT "_dlt_root_id", "_dlt_id" FROM (SELECT ROW_NUMBER() OVER (PARTITION BY s."_dlt_id" ORDER BY (SELECT NULL)) AS "_dlt_dedup_rank", "_dlt_root_id", "_dlt_id" FROM "st"."o__l_1" AS s WHERE s."_dlt_root_id" IN (SELECT "_dlt_id" FROM <first>)) AS ranked WHERE "_dlt_dedup_rank" = 1
      DELETE FROM "ds"."o__l" AS d WHERE d."_dlt_root_id" IN (SELECT "_dlt_id" FROM <deleted>)
      DELETE FROM "ds"."o" AS d WHERE d."_dlt_id" IN (SELECT "_dlt_id" FROM <deleted>)
      DELETE FROM "st"."o_1" AS d WHERE EXISTS (SELECT 1 FROM <first> AS s WHERE d."id" IS NOT DISTINCT FROM s."id")
      INSERT INTO "st"."o_1" ("id", "seq", "gone", "_dlt_id") SELECT "id", "seq", "gone", "_dlt_id" FROM <first>
      DELETE FROM "st"."o__l_1" AS d WHERE EXISTS (SELECT 1 FROM <first_1> AS s WHERE d."_dlt_id" = s."_dlt_id")
      INSERT INTO "st"."o__l_1" ("_dlt_root_id", "_dlt_id") SELECT "_dlt_root_id", "_dlt_id" FROM <first_1>
      INSERT INTO "ds"."o" ("id", "seq", "gone", "_dlt_id") SELECT "id", "seq", "gone", "_dlt_id" FROM "st"."o_1" AS s WHERE (s."gone" IS NULL OR s."gone" = FALSE)
      INSERT INTO "ds"."o__l" ("_dlt_root_id", "_dlt_id") SELECT "_dlt_root_id", "_dlt_id" FROM "st"."o__l_1" AS s WHERE s."_dlt_root_id" IN (SELECT s."_dlt_id" FROM "st"."o_1" AS s WHERE (s."gone" IS NULL OR s."gone" = FALSE))
      clean up: DROP TABLE IF EXISTS <deleted>
      clean up: DROP TABLE IF EXISTS <first>
      clean up: DROP TABLE IF EXISTS <first_1>"
    `)
  })
})

describe('upsert', () => {
  it('of one table', () => {
    expect(text('upsert', chain({ id: pk, v: { data_type: 'text' } }, { hints: single }))).toMatchInlineSnapshot(`
      "UPDATE "ds"."o" AS d SET "id" = s."id", "v" = s."v", "_dlt_id" = s."_dlt_id" FROM "st"."o_1" AS s WHERE d."id" = s."id" AND 1 = 1
      INSERT INTO "ds"."o" ("id", "v", "_dlt_id") SELECT "id", "v", "_dlt_id" FROM "st"."o_1" AS s WHERE 1 = 1 AND NOT EXISTS (SELECT 1 FROM "ds"."o" AS d WHERE d."id" = s."id")"
    `)
  })
  it('in an order, with tables below, without what is deleted', () => {
    const columns: Columns = {
      id: pk,
      seq: { data_type: 'bigint', dedup_sort: 'asc' },
      at: { data_type: 'timestamp', hard_delete: true },
    }
    expect(text('upsert', chain(columns, { isNested: true }))).toMatchInlineSnapshot(`
      "prepare: CREATE TEMPORARY TABLE <first> AS SELECT "id", "seq", "at", "_dlt_id" FROM (SELECT ROW_NUMBER() OVER (PARTITION BY s."id" ORDER BY s."seq" ASC) AS "_dlt_dedup_rank", "id", "seq", "at", "_dlt_id" FROM "st"."o_1" AS s WHERE EXISTS (SELECT 1 FROM (SELECT s."id" FROM "st"."o_1" AS s GROUP BY s."id" HAVING COUNT(*) > 1) AS r WHERE s."id" = r."id")) AS ranked WHERE "_dlt_dedup_rank" = 1
      prepare: CREATE TEMPORARY TABLE <first_1> AS SELECT "_dlt_root_id", "_dlt_id" FROM (SELECT ROW_NUMBER() OVER (PARTITION BY s."_dlt_id" ORDER BY (SELECT NULL)) AS "_dlt_dedup_rank", "_dlt_root_id", "_dlt_id" FROM "st"."o__l_1" AS s WHERE s."_dlt_root_id" IN (SELECT "_dlt_id" FROM <first>)) AS ranked WHERE "_dlt_dedup_rank" = 1
      DELETE FROM "st"."o_1" AS d WHERE EXISTS (SELECT 1 FROM <first> AS s WHERE d."id" = s."id")
      INSERT INTO "st"."o_1" ("id", "seq", "at", "_dlt_id") SELECT "id", "seq", "at", "_dlt_id" FROM <first>
      DELETE FROM "st"."o__l_1" AS d WHERE EXISTS (SELECT 1 FROM <first_1> AS s WHERE d."_dlt_id" = s."_dlt_id")
      INSERT INTO "st"."o__l_1" ("_dlt_root_id", "_dlt_id") SELECT "_dlt_root_id", "_dlt_id" FROM <first_1>
      UPDATE "ds"."o" AS d SET "id" = s."id", "seq" = s."seq", "at" = s."at", "_dlt_id" = s."_dlt_id" FROM "st"."o_1" AS s WHERE d."id" = s."id" AND s."at" IS NULL
      INSERT INTO "ds"."o" ("id", "seq", "at", "_dlt_id") SELECT "id", "seq", "at", "_dlt_id" FROM "st"."o_1" AS s WHERE s."at" IS NULL AND NOT EXISTS (SELECT 1 FROM "ds"."o" AS d WHERE d."id" = s."id")
      DELETE FROM "ds"."o" AS d WHERE EXISTS (SELECT 1 FROM "st"."o_1" AS s WHERE d."id" = s."id" AND s."at" IS NOT NULL)
      UPDATE "ds"."o__l" AS d SET "_dlt_root_id" = s."_dlt_root_id", "_dlt_id" = s."_dlt_id" FROM "st"."o__l_1" AS s WHERE d."_dlt_id" = s."_dlt_id" AND s."_dlt_root_id" IN (SELECT s."_dlt_id" FROM "st"."o_1" AS s WHERE s."at" IS NULL)
      INSERT INTO "ds"."o__l" ("_dlt_root_id", "_dlt_id") SELECT "_dlt_root_id", "_dlt_id" FROM "st"."o__l_1" AS s WHERE s."_dlt_root_id" IN (SELECT s."_dlt_id" FROM "st"."o_1" AS s WHERE s."at" IS NULL) AND NOT EXISTS (SELECT 1 FROM "ds"."o__l" AS d WHERE d."_dlt_id" = s."_dlt_id")
      DELETE FROM "ds"."o__l" AS d WHERE d."_dlt_root_id" IN (SELECT s."_dlt_id" FROM "st"."o_1" AS s) AND NOT EXISTS (SELECT 1 FROM "st"."o__l_1" AS s WHERE d."_dlt_id" = s."_dlt_id" AND s."_dlt_root_id" IN (SELECT s."_dlt_id" FROM "st"."o_1" AS s WHERE s."at" IS NULL))
      clean up: DROP TABLE IF EXISTS <first>
      clean up: DROP TABLE IF EXISTS <first_1>"
    `)
  })
})

it('insert-only, without what is deleted', () => {
  const columns: Columns = { id: pk, gone: { data_type: 'bool', hard_delete: true } }
  expect(text('insert-only', chain(columns, { isNested: true, hints: single }))).toMatchInlineSnapshot(`
    "INSERT INTO "ds"."o" ("id", "gone", "_dlt_id") SELECT "id", "gone", "_dlt_id" FROM "st"."o_1" AS s WHERE (s."gone" IS NULL OR s."gone" = FALSE) AND NOT EXISTS (SELECT 1 FROM "ds"."o" AS d WHERE d."id" = s."id")
    INSERT INTO "ds"."o__l" ("_dlt_root_id", "_dlt_id") SELECT "_dlt_root_id", "_dlt_id" FROM "st"."o__l_1" AS s WHERE s."_dlt_root_id" IN (SELECT s."_dlt_id" FROM "st"."o_1" AS s WHERE (s."gone" IS NULL OR s."gone" = FALSE)) AND NOT EXISTS (SELECT 1 FROM "ds"."o__l" AS d WHERE d."_dlt_id" = s."_dlt_id")"
  `)
})

it('scd2, with a merge key of two columns and a time that marks active rows', () => {
  const columns: Columns = {
    from: { data_type: 'timestamp', 'x-valid-from': true },
    to: { data_type: 'timestamp', 'x-valid-to': true, 'x-active-record-timestamp': '9999-12-31' },
    k1: { data_type: 'text', merge_key: true },
    k2: { data_type: 'text', merge_key: true },
    v: { data_type: 'text', nullable: false, 'x-row-version': true },
  }
  expect(text('scd2', chain(columns, { isNested: true }))).toMatchInlineSnapshot(`
    "UPDATE "ds"."o" AS d SET "to" = TIMESTAMPTZ '2024-01-02T03:04:05.678901+00:00' WHERE d."to" = TIMESTAMPTZ '9999-12-31T00:00:00+00:00' AND NOT EXISTS (SELECT 1 FROM "st"."o_1" AS s WHERE d."v" = s."v") AND EXISTS (SELECT 1 FROM "st"."o_1" AS s WHERE d."k1" = s."k1" AND d."k2" = s."k2")
    INSERT INTO "ds"."o" ("k1", "k2", "v", "_dlt_id", "from", "to") SELECT "k1", "k2", "v", "_dlt_id", TIMESTAMPTZ '2024-01-02T03:04:05.678901+00:00', TIMESTAMPTZ '9999-12-31T00:00:00+00:00' FROM "st"."o_1" AS s WHERE NOT EXISTS (SELECT 1 FROM "ds"."o" AS d WHERE d."v" = s."v" AND d."to" = TIMESTAMPTZ '9999-12-31T00:00:00+00:00')
    INSERT INTO "ds"."o__l" ("_dlt_root_id", "_dlt_id") SELECT "_dlt_root_id", "_dlt_id" FROM "st"."o__l_1" AS s WHERE 1 = 1 AND NOT EXISTS (SELECT 1 FROM "ds"."o__l" AS d WHERE d."_dlt_id" = s."_dlt_id")"
  `)
})

it('insert-from-staging', () => {
  expect(text('insert-from-staging', chain({ id: pk }, { isNested: true }))).toMatchInlineSnapshot(`
    "DELETE FROM "ds"."o"
    INSERT INTO "ds"."o" ("id", "_dlt_id") SELECT "id", "_dlt_id" FROM "st"."o_1"
    DELETE FROM "ds"."o__l"
    INSERT INTO "ds"."o__l" ("_dlt_root_id", "_dlt_id") SELECT "_dlt_root_id", "_dlt_id" FROM "st"."o__l_1""
  `)
})

it('staging-optimized', () => {
  expect(text('staging-optimized', chain({ id: pk }, { isNested: true }))).toMatchInlineSnapshot(`
    "DROP TABLE IF EXISTS "ds"."o"
    ALTER TABLE "st"."o_1" SET SCHEMA "ds"
    ALTER TABLE "ds"."o_1" RENAME TO "o"
    DROP TABLE IF EXISTS "ds"."o__l"
    ALTER TABLE "st"."o__l_1" SET SCHEMA "ds"
    ALTER TABLE "ds"."o__l_1" RENAME TO "o__l""
  `)
})

it('a table without a column that names its rows is refused where there are tables below it', () => {
  const { root, nested, createdAt } = chain({ id: pk, id2: pk }, { isNested: true })
  const bare = { ...root, columns: root.columns.filter(({ name }) => name !== '_dlt_id') }
  expect(() => text('delete-insert', { root: bare, nested, createdAt })).toThrow(
    expect.objectContaining({ name: 'MergeDispositionException', message: expect.stringContaining('"o"') }),
  )
})

it('a table below that does not know its root is refused', () => {
  const { root, nested, createdAt } = chain({ id: pk }, { isNested: true })
  const lost = { ...nested[0]!, columns: nested[0]!.columns.filter(({ name }) => name !== '_dlt_root_id') }
  expect(() => text('upsert', { root, nested: [lost], createdAt })).toThrow(/"o__l".*root_key/)
})

it.each(['upsert', 'insert-only'] as const)('%s without a primary key is refused', (strategy) => {
  expect(() => text(strategy, chain({ id: { data_type: 'bigint', merge_key: true } }))).toThrow(
    /"o" has no primary key/,
  )
})
