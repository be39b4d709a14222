import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Column, Table, TableHints } from '@gantry/common'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startPostgres, type TestPostgres } from '../../../../../test/support/postgres.mjs'
import { openDuckdbEngine } from '../../../src/destinations/duckdb/duckdb-engine.ts'
import { openPostgres } from '../../../src/destinations/postgres/postgres-engine.ts'
import type { StagedStrategy } from '../../../src/plan-package.ts'
import { readCatalog } from '../../../src/sql/catalog.ts'
import { chainStatements } from '../../../src/sql/chain/statements.ts'
import type { SqlConnection, SqlEngine } from '../../../src/sql/engine.ts'
import { qualifiedName, quoteIdentifier } from '../../../src/sql/identifier.ts'
import { planMigration } from '../../../src/sql/plan-migration.ts'
import { chainTable, createStaging, dropStaging } from '../../../src/sql/staging.ts'
import { openOptions, seenTable } from '../../support.ts'

/*
 * What strategies do to rows, on real engines. Cases and answers are those of the scenarios `merge-…` and `replace-…`, cut
 * down to what the statements decide.
 */

let server: TestPostgres
let folder: string
let serial = 0
beforeAll(async () => {
  server = await startPostgres()
  folder = mkdtempSync(join(tmpdir(), 'gantry-strategies-'))
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await server.stop()
})

const engines: Readonly<Record<string, (datasetName: string) => Promise<SqlEngine>>> = {
  duckdb: (datasetName) =>
    openDuckdbEngine(openOptions('duckdb', datasetName, join(folder, `${datasetName}_file.duckdb`))),
  postgres: (datasetName) => openPostgres(openOptions('postgres', datasetName, server.url)),
}

type Value = string | number | boolean | null
/** An order: its columns, and the skus of its lines, each with its tags: `A: red blue`. */
type Order = Readonly<Record<string, Value>> & { readonly id: Value }
type OrderRow = readonly [order: Order, ...lines: string[]]

describe.each(Object.keys(engines))('%s', (engineName) => {
  let dataset: string
  let stagingDataset: string
  let engine: SqlEngine
  let connection: SqlConnection
  let loads = 0
  beforeEach(async () => {
    loads = 0
    dataset = `strategies_${process.pid}_${++serial}`
    stagingDataset = `${dataset}_staging`
    engine = await engines[engineName]!(dataset)
    connection = await engine.connect()
    await connection.run(`CREATE SCHEMA ${dataset}`)
    await connection.run(`CREATE SCHEMA ${stagingDataset}`)
  })
  afterEach(async () => {
    await connection.run(`DROP SCHEMA ${dataset} CASCADE`)
    await connection.run(`DROP SCHEMA ${stagingDataset} CASCADE`)
    await engine[Symbol.asyncDispose]()
  })

  interface Shape {
    readonly strategy: StagedStrategy
    /** Hints of columns of `orders`, beyond type and key. */
    readonly columns?: Readonly<Record<string, Omit<Column, 'name'>>>
    readonly hints?: TableHints
    /** Without tables below it. */
    readonly isFlat?: boolean
    /** Rows below name their root row. Default: where the strategy has them do so. */
    readonly hasRootKeys?: boolean
    readonly name?: string
    /** Of the package, as ISO text. */
    readonly createdAt?: string
  }

  function tablesOf({ strategy, columns, hints, isFlat = false, name = 'orders', hasRootKeys }: Shape): Table[] {
    const isScd2 = strategy === 'scd2'
    const version = isScd2 ? { 'x-row-version': true } : { row_key: true, unique: true }
    const id = { data_type: 'text', nullable: false } as const
    const linked = {
      ...((hasRootKeys ?? !isScd2) ? { _dlt_root_id: { ...id, root_key: true } } : {}),
      _dlt_parent_id: { ...id, parent_key: true },
    }
    const nestedIds = { ...linked, _dlt_id: { ...id, row_key: true, unique: true } }
    const validity = {
      _dlt_valid_from: { data_type: 'timestamp', 'x-valid-from': true },
      _dlt_valid_to: { data_type: 'timestamp', 'x-valid-to': true },
    } as const
    const root = seenTable(
      name,
      {
        ...(isScd2 ? validity : {}),
        id: { data_type: 'bigint' },
        'V"': { data_type: 'text' },
        ...columns,
        _dlt_id: columns?.['_dlt_id'] ?? { ...id, ...version },
      },
      { write_disposition: 'merge', ...hints },
    )
    if (isFlat) return [root]
    const below = (table: string, parent: string, column: string): Table =>
      seenTable(table, { [column]: { data_type: 'text' }, ...nestedIds }, { parent })
    return [root, below(`${name}__lines`, name, 'sku'), below(`${name}__lines__tags`, `${name}__lines`, 'tag')]
  }

  interface Prepared {
    readonly tables: readonly Table[]
    readonly sql: ReturnType<typeof chainStatements>
    readonly drop: readonly string[]
  }

  /** Makes the tables, fills the staging tables. Ids follow from keys where the strategy makes them so. */
  async function stage(shape: Shape, orders: readonly OrderRow[]): Promise<Prepared> {
    const { strategy, createdAt = '2024-01-01T00:00:00+00:00' } = shape
    const loadId = `load${++loads}`
    const tables = tablesOf(shape)
    const catalog = await readCatalog(
      connection,
      dataset,
      tables.map(({ name }) => name),
      engine.dialect,
    )
    const migration = planMigration(dataset, tables, catalog, engine.dialect)
    const fills = migration.filled.flatMap(({ fill, require }) => [...fill, require])
    for (const statement of [...migration.statements, ...fills]) {
      await connection.run(statement)
    }
    const chained = tables.map((table) =>
      chainTable(table, loadId, { dataset, stagingDataset, dialect: engine.dialect }),
    )
    for (const table of chained) await connection.run(createStaging(table, strategy, engine.dialect))
    const [root, lines, tags] = chained
    const insert = (staging: string | undefined, row: Readonly<Record<string, Value>>): Promise<void> =>
      connection.run(
        `INSERT INTO ${staging} (${Object.keys(row).map(quoteIdentifier).join(', ')}) VALUES (${Object.values(row).map(literal).join(', ')})`,
      )
    for (const [at, [order, ...items]] of orders.entries()) {
      const isKeyed = strategy === 'upsert' || strategy === 'insert-only'
      const rowId = isKeyed
        ? `key ${order.id}`
        : strategy === 'scd2'
          ? JSON.stringify([order, items])
          : `${loadId} ${at}`
      await insert(root?.staging, { ...order, _dlt_id: rowId })
      for (const [index, item] of items.entries()) {
        const [sku, ...words] = item.split(/:? /) as [string, ...string[]]
        const lineId = `${rowId}/${index}`
        const toRoot = (shape.hasRootKeys ?? strategy !== 'scd2') ? { _dlt_root_id: rowId } : {}
        await insert(lines?.staging, { sku, ...toRoot, _dlt_parent_id: rowId, _dlt_id: lineId })
        for (const [position, tag] of words.entries()) {
          await insert(tags?.staging, { tag, ...toRoot, _dlt_parent_id: lineId, _dlt_id: `${lineId}/${position}` })
        }
      }
    }
    const [first, ...nested] = chained
    const sql = chainStatements({ root: first!, nested, createdAt }, strategy, engine.dialect)
    return { tables, sql, drop: chained.map(dropStaging) }
  }

  /** Brings what was staged to its tables, all chains in one transaction. */
  async function commit(...chains: readonly Prepared[]): Promise<void> {
    await connection.transaction('testing', async () => {
      for (const { sql } of chains) for (const statement of sql.prepare) await connection.run(statement)
      for (const { sql } of chains) for (const statement of sql.apply) await connection.run(statement)
    })
    for (const { sql, drop } of chains)
      for (const statement of [...sql.cleanUp, ...drop]) await connection.run(statement)
  }

  async function load(shape: Shape, orders: readonly OrderRow[]): Promise<void> {
    await commit(await stage(shape, orders))
  }

  /** Values of columns, a text for each row, in order. */
  async function rows(table: string, ...columns: string[]): Promise<string[]> {
    const list = columns.map(quoteIdentifier).join(', ')
    const found = await connection.query(`SELECT ${list} FROM ${qualifiedName(dataset, table, engine.dialect)}`)
    return found.map((row) => row.map(String).join(' ')).toSorted()
  }

  /** Orders, the skus of lines with the orders that they belong to, and how many tags there are. */
  async function content(name = 'orders'): Promise<{ orders: string[]; lines: string[]; tags: number }> {
    const lines = await connection.query(
      `SELECT o.id, l.sku FROM ${qualifiedName(dataset, `${name}__lines`, engine.dialect)} AS l LEFT JOIN ${qualifiedName(dataset, name, engine.dialect)} AS o ON o._dlt_id = l._dlt_parent_id`,
    )
    const tags = await rows(`${name}__lines__tags`, 'tag')
    return {
      orders: await rows(name, 'id', 'V"'),
      lines: lines.map((line) => line.map(String).join(':')).toSorted(),
      tags: tags.length,
    }
  }

  const pk = { data_type: 'bigint', primary_key: true, nullable: false } as const
  const byId = { id: pk } as const
  const hardDelete = { is_deleted: { data_type: 'bool', hard_delete: true } } as const

  describe.each(['delete-insert', 'upsert'] as const)('%s into tables that rows were appended to', (strategy) => {
    const bare: Shape = { strategy, columns: { ...byId, ...hardDelete }, hasRootKeys: false }
    const before: OrderRow[] = [
      [{ id: 1, 'V"': 'a' }, 'A: red blue', 'B: red'],
      [{ id: 2, 'V"': 'b' }, 'C: hot', 'D: cold'],
      [{ id: 3, 'V"': 'c' }, 'E: hot'],
    ]
    const next: OrderRow[] = [
      [{ id: 2, 'V"': 'new' }, 'F: new'],
      [{ id: 3, is_deleted: true }],
      [{ id: 4, 'V"': 'd' }, 'G'],
    ]
    const after = {
      orders: ['1 a', '2 new', '4 d'],
      lines: ['1:A', '1:B', '2:F', '4:G'],
      tags: 4,
    }

    it('finds rows below through those above them, as long as none names its root', async () => {
      await load(bare, before)
      await load(bare, next)
      expect(await content()).toEqual(after)
      expect(await rows('orders__lines__tags', 'tag')).toEqual(['blue', 'new', 'red', 'red'])
    })

    it('has them name their root from then on', async () => {
      await load(bare, before)
      await load({ ...bare, hasRootKeys: true }, next)
      expect(await content()).toEqual(after)
      const roots = await connection.query(
        `SELECT DISTINCT o.id FROM ${['orders', 'orders__lines__tags'].map((name) => qualifiedName(dataset, name, engine.dialect)).join(' AS o JOIN ')} AS t ON t._dlt_root_id = o._dlt_id ORDER BY o.id`,
      )
      expect(roots.flat().map(String)).toEqual(['1', '2'])
    })

    it('keeps rows whose rows above are gone', async () => {
      await load(bare, before)
      await connection.run(`DELETE FROM ${qualifiedName(dataset, 'orders__lines', engine.dialect)} WHERE sku = 'A'`)
      await load({ ...bare, hasRootKeys: true }, next)
      expect(await rows('orders__lines__tags', 'tag')).toEqual(['blue', 'new', 'red', 'red'])
    })
  })

  describe('delete-insert', () => {
    const strategy = 'delete-insert'
    const keyed: Shape = { strategy, columns: byId }
    const flat: Shape = { ...keyed, isFlat: true }

    it('puts rows with a known key in place of those, with all below them', async () => {
      await load(keyed, [
        [{ id: 1, 'V"': 'a' }, 'A: red blue', 'B'],
        [{ id: 2, 'V"': 'b' }, 'C: hot'],
      ])
      await load(keyed, [[{ id: 2, 'V"': 'new' }], [{ id: 3, 'V"': 'c' }, 'D: red']])
      expect(await content()).toEqual({ orders: ['1 a', '2 new', '3 c'], lines: ['1:A', '1:B', '3:D'], tags: 3 })
    })

    it('goes by all parts of a key', async () => {
      const compound: Shape = {
        ...flat,
        columns: { id: pk, region: { data_type: 'text', primary_key: true, nullable: false } },
      }
      await load(compound, [[{ id: 1, region: 'x', 'V"': 'a' }], [{ id: 1, region: 'y', 'V"': 'b' }]])
      await load(compound, [[{ id: 1, region: 'y', 'V"': 'c' }], [{ id: 2, region: 'x', 'V"': 'd' }]])
      expect(await rows('orders', 'id', 'V"')).toEqual(['1 a', '1 c', '2 d'])
    })

    it.each([true, false])('replaces all rows of a merge key, keeps all staged ones (flat: %s)', async (isFlat) => {
      const shape: Shape = { strategy, isFlat, columns: { region: { data_type: 'text', merge_key: true } } }
      await load(shape, [[{ id: 1, region: 'x' }], [{ id: 2, region: 'x' }], [{ id: 3, region: 'y' }]])
      await load(shape, [[{ id: 7, region: 'x' }], [{ id: 7, region: 'x' }]])
      expect(await rows('orders', 'id', 'region')).toEqual(['3 y', '7 x', '7 x'])
    })

    it.each([true, false])('goes by either of two keys (flat: %s)', async (isFlat) => {
      const shape: Shape = { strategy, isFlat, columns: { id: pk, region: { data_type: 'text', merge_key: true } } }
      await load(shape, [
        [{ id: 1, region: 'south' }],
        [{ id: 2, region: 'east' }],
        [{ id: 3, region: 'north' }],
        [{ id: 4, region: 'south' }],
      ])
      // The row that loses against another one of its key still replaces its region.
      await load({ ...shape, columns: { ...shape.columns, seq: { data_type: 'bigint', dedup_sort: 'asc' } } }, [
        [{ id: 4, region: 'east', seq: 1 }],
        [{ id: 4, region: 'north', seq: 2 }],
      ])
      expect(await rows('orders', 'id', 'region')).toEqual(['1 south', '4 east'])
    })

    it.each([
      ['asc', '1 first', '1:A'],
      ['desc', '1 third', '1:C'],
    ] as const)('of rows with one key takes the first by %s, and what is below it', async (dedupSort, order, line) => {
      const shape: Shape = { ...keyed, columns: { id: pk, seq: { data_type: 'bigint', dedup_sort: dedupSort } } }
      await load(shape, [
        [{ id: 1, seq: 2, 'V"': 'second' }, 'B: x y'],
        [{ id: 1, seq: 1, 'V"': 'first' }, 'A: x'],
        [{ id: 1, seq: 3, 'V"': 'third' }, 'C: x'],
        [{ id: 2, seq: 5, 'V"': 'other' }, 'D'],
      ])
      expect(await content()).toEqual({ orders: [order, '2 other'], lines: [line, '2:D'], tags: 1 })
    })

    it('takes one row of a key where no order is declared, and the rows below that one', async () => {
      await load(keyed, [
        [{ id: 1, 'V"': 'x' }, 'x'],
        [{ id: 1, 'V"': 'y' }, 'y'],
      ])
      const { orders, lines } = await content()
      expect(orders).toHaveLength(1)
      expect(lines).toEqual([`1:${orders[0]?.slice(2)}`])
    })

    it('keeps all rows of a key where they are said to be single', async () => {
      await load({ ...keyed, hints: { 'x-stage-data-deduplicated': true } }, [
        [{ id: 1 }, 'A'],
        [{ id: 1 }, 'B'],
      ])
      expect((await content()).lines).toEqual(['1:A', '1:B'])
    })

    it.each([true, false])('lets rows with null for a key come on top of others (flat: %s)', async (isFlat) => {
      const shape: Shape = { strategy, isFlat, columns: { id: { data_type: 'bigint', primary_key: true } } }
      await load(shape, [[{ id: 1, 'V"': 'a' }], [{ id: null, 'V"': 'b' }]])
      await load(shape, [[{ id: 1, 'V"': 'c' }], [{ id: null, 'V"': 'd' }]])
      expect(await rows('orders', 'id', 'V"')).toEqual(['1 c', 'null b', 'null d'])
    })

    it.each([
      ['bool', true, false],
      ['timestamp', '2024-05-01 00:00:00+00', null],
      ['text', 'yes', null],
    ] as const)('takes out what a %s says is deleted, with all below it', async (dataType, deleted, kept) => {
      const shape: Shape = { ...keyed, columns: { id: pk, gone: { data_type: dataType, hard_delete: true } } }
      await load(shape, [
        [{ id: 1, gone: kept }, 'A: red'],
        [{ id: 2, gone: null }, 'B: red'],
        [{ id: 3, gone: kept }, 'C: red'],
      ])
      await load(shape, [
        [{ id: 1, gone: deleted }],
        [{ id: 3, gone: kept, 'V"': 'new' }, 'D'],
        [{ id: 4, gone: deleted }, 'E: x'],
      ])
      expect(await content()).toEqual({ orders: ['2 null', '3 new'], lines: ['2:B', '3:D'], tags: 1 })
    })

    it('takes out by merge key, too', async () => {
      const shape: Shape = {
        strategy,
        isFlat: true,
        columns: { id: { data_type: 'bigint', merge_key: true }, ...hardDelete },
      }
      await load(shape, [
        [{ id: 1, is_deleted: false }],
        [{ id: 2, is_deleted: false }],
        [{ id: 3, is_deleted: false }],
      ])
      await load(shape, [[{ id: 1, is_deleted: true }], [{ id: 2, is_deleted: false, 'V"': 'new' }]])
      expect(await rows('orders', 'id', 'V"')).toEqual(['2 new', '3 null'])
    })

    it.each([
      ['asc', ['2 live']],
      ['desc', ['1 live']],
    ] as const)('looks for single rows first, for deleted ones then (%s)', async (dedupSort, expected) => {
      for (const isFlat of [true, false]) {
        const seq = { data_type: 'bigint', dedup_sort: dedupSort } as const
        const shape: Shape = { strategy, isFlat, name: `orders_${isFlat}`, columns: { id: pk, seq, ...hardDelete } }
        await load(shape, [[{ id: 1, seq: 1, 'V"': 'old' }], [{ id: 2, seq: 1, 'V"': 'old' }]])
        await load(shape, [
          [{ id: 1, seq: 2, is_deleted: true }],
          [{ id: 1, seq: 3, is_deleted: false, 'V"': 'live' }],
          [{ id: 2, seq: 2, is_deleted: false, 'V"': 'live' }],
          [{ id: 2, seq: 3, is_deleted: true }],
        ])
        expect(await rows(`orders_${isFlat}`, 'id', 'V"')).toEqual(expected)
      }
    })

    it('adds rows where there are no keys, save for deleted ones and what is below them', async () => {
      const shape: Shape = { strategy, columns: hardDelete }
      await load(shape, [[{ id: 1 }, 'A']])
      await load(shape, [
        [{ id: 1 }, 'B: x'],
        [{ id: 2, is_deleted: true }, 'C: x'],
      ])
      expect(await content()).toEqual({ orders: ['1 null', '1 null'], lines: ['1:A', '1:B'], tags: 1 })
    })
  })

  describe('upsert', () => {
    const keyed: Shape = { strategy: 'upsert', columns: byId }
    const withDelete: Shape = { strategy: 'upsert', columns: { ...byId, ...hardDelete } }

    it('updates known keys, nulls too, adds others, and leaves columns alone that only the table has', async () => {
      await load(keyed, [[{ id: 1, 'V"': 'a' }], [{ id: 2, 'V"': 'b' }]])
      await connection.run(`ALTER TABLE ${dataset}.orders ADD COLUMN note VARCHAR`)
      await connection.run(`UPDATE ${dataset}.orders SET note = 'mine'`)
      await load(keyed, [[{ id: 1 }], [{ id: 3, 'V"': 'c' }]])
      expect(await rows('orders', 'id', 'V"', 'note')).toEqual(['1 null mine', '2 b mine', '3 c null'])
    })

    it('updates lists by position, adds to them, and takes out what vanished, at every level', async () => {
      await load(keyed, [
        [{ id: 1 }, 'A: red blue', 'B: red'],
        [{ id: 2 }, 'C: red'],
      ])
      await load(keyed, [
        [{ id: 1 }, 'A2: hot'],
        [{ id: 3 }, 'D', 'E: red'],
      ])
      expect(await content()).toMatchObject({ lines: ['1:A2', '2:C', '3:D', '3:E'], tags: 3 })
      expect(await rows('orders__lines__tags', '_dlt_root_id', 'tag')).toEqual(['key 1 hot', 'key 2 red', 'key 3 red'])
    })

    it('empties lists that are gone', async () => {
      await load(keyed, [
        [{ id: 1 }, 'A: red'],
        [{ id: 2 }, 'B: red'],
      ])
      await load(keyed, [[{ id: 1 }]])
      expect(await content()).toMatchObject({ lines: ['2:B'], tags: 1 })
    })

    it('takes out what is deleted with all below it, and never adds it', async () => {
      await load(withDelete, [
        [{ id: 1 }, 'A: red'],
        [{ id: 2, is_deleted: false }, 'B'],
        [{ id: 3 }, 'C'],
      ])
      await load(withDelete, [
        [{ id: 1, is_deleted: true }, 'A: red', 'A2'],
        [{ id: 2, is_deleted: false, 'V"': 'new' }, 'B2'],
        [{ id: 9, is_deleted: true }, 'X: red'],
      ])
      expect(await content()).toEqual({ orders: ['2 new', '3 null'], lines: ['2:B2', '3:C'], tags: 0 })
    })

    it.each([
      ['asc', '1 first'],
      ['desc', '1 last'],
    ] as const)('takes one row of a key, the first by %s', async (dedupSort, expected) => {
      const shape: Shape = { ...keyed, columns: { id: pk, seq: { data_type: 'bigint', dedup_sort: dedupSort } } }
      const batch: OrderRow[] = [
        [{ id: 1, seq: 1, 'V"': 'first' }, 'A', 'B'],
        [{ id: 1, seq: 2, 'V"': 'last' }, 'A'],
      ]
      for (let run = 1; run <= 2; run++) {
        await load(shape, batch)
        expect(await rows('orders', 'id', 'V"')).toEqual([expected])
        expect(await rows('orders__lines', '_dlt_id')).toEqual(['key 1/0', 'key 1/1'])
      }
    })

    it('lets the last word on a key be that it is deleted', async () => {
      const shape: Shape = {
        strategy: 'upsert',
        columns: { id: pk, seq: { data_type: 'bigint', dedup_sort: 'desc' }, ...hardDelete },
      }
      await load(shape, [[{ id: 1, seq: 1 }, 'A'], [{ id: 1, seq: 2, is_deleted: true }]])
      expect(await content()).toEqual({ orders: [], lines: [], tags: 0 })
    })
  })

  describe('insert-only', () => {
    const keyed: Shape = { strategy: 'insert-only', columns: byId }

    it('leaves known keys as they are, and adds what is new in their lists', async () => {
      await load(keyed, [[{ id: 1, 'V"': 'a' }, 'A: red']])
      await load(keyed, [
        [{ id: 1, 'V"': 'other' }, 'changed: blue hot', 'B'],
        [{ id: 2, 'V"': 'b' }, 'C: red'],
      ])
      expect(await content()).toEqual({ orders: ['1 a', '2 b'], lines: ['1:A', '1:B', '2:C'], tags: 3 })
    })

    it('leaves out deleted rows and what is below them', async () => {
      const shape: Shape = { strategy: 'insert-only', columns: { ...byId, ...hardDelete } }
      await load(shape, [
        [{ id: 1 }, 'A'],
        [{ id: 2 }, 'B'],
      ])
      await load(shape, [
        [{ id: 2, is_deleted: true }, 'B', 'B2: red'],
        [{ id: 3, is_deleted: true }, 'C: red'],
        [{ id: 4, is_deleted: false }, 'D'],
      ])
      expect(await content()).toEqual({ orders: ['1 null', '2 null', '4 null'], lines: ['1:A', '2:B', '4:D'], tags: 0 })
    })

    it('adds one row of a key, and one that lives rather than one that is deleted', async () => {
      const seq = { data_type: 'bigint', dedup_sort: 'desc' } as const
      const shape: Shape = { strategy: 'insert-only', columns: { id: pk, seq, ...hardDelete } }
      await load(shape, [
        [{ id: 1, seq: 1, 'V"': 'old' }, 'A'],
        [{ id: 1, seq: 2, 'V"': 'new' }, 'A'],
        [{ id: 1, seq: 3, is_deleted: true }, 'A'],
        [{ id: 2, seq: 1, 'V"': 'live' }, 'B'],
        [{ id: 2, seq: 2, is_deleted: true }, 'B'],
      ])
      expect(await content()).toEqual({ orders: ['1 new', '2 live'], lines: ['1:A', '2:B'], tags: 0 })
    })
  })

  it.each(['upsert', 'insert-only'] as const)(
    '%s keeps all rows of a batch that have null for a key',
    async (strategy) => {
      const shape: Shape = {
        strategy,
        isFlat: true,
        columns: { id: { data_type: 'bigint', primary_key: true }, _dlt_id: { data_type: 'text', row_key: true } },
      }
      await load(shape, [
        [{ id: null, 'V"': 'a' }],
        [{ id: null, 'V"': 'b' }],
        [{ id: 1, 'V"': 'c' }],
        [{ id: 1, 'V"': 'c' }],
      ])
      expect(await rows('orders', 'id', 'V"')).toEqual(['1 c', 'null a', 'null b'])
    },
  )

  describe('scd2', () => {
    const at = (day: number): string => `2024-01-0${day}T10:20:30.123456+00:00`
    const plain: Shape = { strategy: 'scd2' }
    const flat: Shape = { strategy: 'scd2', isFlat: true }

    /** Id and value, and from when to when, as days of January 2024. */
    async function versions(): Promise<string[]> {
      const day = (column: string): string => `COALESCE(CAST(EXTRACT(DAY FROM "${column}") AS VARCHAR), 'now')`
      const found = await connection.query(
        `SELECT id, "V""", ${day('_dlt_valid_from')}, ${day('_dlt_valid_to')} FROM ${dataset}.orders`,
      )
      return found.map((row) => row.join(' ')).toSorted()
    }

    it('ends versions that are not staged any more, begins new ones, and begins ended ones anew', async () => {
      await load({ ...flat, createdAt: at(1) }, [
        [{ id: 1, 'V"': 'a' }],
        [{ id: 2, 'V"': 'b' }],
        [{ id: 3, 'V"': 'c' }],
      ])
      await load({ ...flat, createdAt: at(2) }, [[{ id: 1, 'V"': 'a' }], [{ id: 2, 'V"': 'changed' }]])
      await load({ ...flat, createdAt: at(3) }, [[{ id: 1, 'V"': 'a' }], [{ id: 2, 'V"': 'b' }]])
      expect(await versions()).toEqual(['1 a 1 now', '2 b 1 2', '2 b 3 now', '2 changed 2 3', '3 c 1 2'])
    })

    it('keeps the boundary to the microsecond', async () => {
      await load({ ...flat, createdAt: at(1) }, [[{ id: 1 }]])
      const found = await connection.query(`SELECT EXTRACT(MICROSECOND FROM _dlt_valid_from) FROM ${dataset}.orders`)
      expect(Number(found[0]?.[0])).toBe(30_123_456)
    })

    it('makes a new version of a row where a list below it changed, and only ever adds below it', async () => {
      await load({ ...plain, createdAt: at(1) }, [
        [{ id: 1, 'V"': 'a' }, 'A: red', 'B'],
        [{ id: 2, 'V"': 'b' }, 'C'],
      ])
      await load({ ...plain, createdAt: at(2) }, [
        [{ id: 1, 'V"': 'a' }, 'A: red', 'B2'],
        [{ id: 2, 'V"': 'b' }, 'C'],
      ])
      await load({ ...plain, createdAt: at(3) }, [[{ id: 1, 'V"': 'a' }, 'A: red', 'B2']])
      expect(await versions()).toEqual(['1 a 1 2', '1 a 2 now', '2 b 1 3'])
      expect(await content()).toMatchObject({ lines: ['1:A', '1:A', '1:B', '1:B2', '2:C'], tags: 2 })
    })

    it('with a merge key ends versions of staged keys only', async () => {
      const shape: Shape = { ...flat, columns: { id: { data_type: 'bigint', merge_key: true } } }
      await load({ ...shape, createdAt: at(1) }, [[{ id: 1, 'V"': 'a' }], [{ id: 2, 'V"': 'b' }]])
      await load({ ...shape, createdAt: at(2) }, [[{ id: 2, 'V"': 'c' }]])
      expect(await versions()).toEqual(['1 a 1 now', '2 b 1 2', '2 c 2 now'])
    })

    it('does not take two keys for one because they are written alike', async () => {
      const merge = { data_type: 'text', merge_key: true } as const
      const shape: Shape = { ...flat, columns: { x: merge, y: merge } }
      await load({ ...shape, createdAt: at(1) }, [[{ id: 1, 'V"': 'a', x: 'ab', y: 'c' }]])
      await load({ ...shape, createdAt: at(2) }, [[{ id: 2, 'V"': 'b', x: 'a', y: 'bc' }]])
      expect(await versions()).toEqual(['1 a 1 now', '2 b 2 now'])
    })

    it('marks active rows with a time of their own', async () => {
      const to = { data_type: 'timestamp', 'x-valid-to': true, 'x-active-record-timestamp': '9999-12-31' } as const
      const shape: Shape = { ...flat, columns: { _dlt_valid_to: to } }
      await load({ ...shape, createdAt: at(1) }, [[{ id: 1, 'V"': 'a' }], [{ id: 2, 'V"': 'b' }]])
      await load({ ...shape, createdAt: at(2) }, [[{ id: 1, 'V"': 'a' }]])
      expect(await versions()).toEqual(['1 a 1 31', '2 b 1 2'])
    })

    it.each(['2024-01-08', '2024-01-08T00:00:00Z', '2024-01-08 02:00:00+02:00', '20240108T000000Z'])(
      'takes %s as the boundary, in UTC wherever the session is',
      async (boundary) => {
        await connection.run(`SET TimeZone = 'Asia/Tokyo'`)
        await load({ ...flat, hints: { 'x-boundary-timestamp': boundary } }, [[{ id: 1, 'V"': 'a' }]])
        await connection.run(`SET TimeZone = 'UTC'`)
        expect(await versions()).toEqual(['1 a 8 now'])
      },
    )

    it('adds identical rows of one batch, all of them', async () => {
      await load({ ...flat, createdAt: at(1) }, [[{ id: 1, 'V"': 'a' }], [{ id: 1, 'V"': 'a' }]])
      await load({ ...flat, createdAt: at(2) }, [[{ id: 1, 'V"': 'a' }], [{ id: 1, 'V"': 'a' }]])
      expect(await versions()).toEqual(['1 a 1 now', '1 a 1 now'])
    })
  })

  it.each(engineName === 'duckdb' ? ['insert-from-staging'] : ['insert-from-staging', 'staging-optimized'])(
    '%s leaves no row of before, also in tables that got none',
    async (strategy) => {
      const shape: Shape = { strategy: strategy as StagedStrategy }
      await load(shape, [[{ id: 1, 'V"': 'a' }, 'A: red']])
      await load(shape, [[{ id: 2, 'V"': 'b' }, 'B'], [{ id: 3, 'V"': 'c' }]])
      expect(await content()).toEqual({ orders: ['2 b', '3 c'], lines: ['2:B'], tags: 0 })
      // What takes the table's place can be added to and replaced again, with its constraints.
      await load({ ...shape, columns: { extra: { data_type: 'text' } } }, [[{ id: 4, extra: 'x' }]])
      expect(await rows('orders', 'id', 'extra')).toEqual(['4 x'])
      await expect(connection.run(`INSERT INTO ${dataset}.orders (id) VALUES (1)`)).rejects.toThrow(/null/i)
    },
  )

  it('takes several chains in one transaction, also such as differ in the case of their names or are long', async () => {
    const long = `orders_${'x'.repeat(50)}`
    const shapes: Shape[] = [
      { strategy: 'delete-insert', columns: byId },
      { strategy: 'upsert', columns: byId, name: `${long}_a`, isFlat: true },
      { strategy: 'upsert', columns: byId, name: `${long}_b`, isFlat: true },
      { strategy: 'scd2', name: 'history', isFlat: true },
      { strategy: 'insert-from-staging', name: 'replaced', isFlat: true },
    ]
    for (let run = 1; run <= 2; run++) {
      const chains: Prepared[] = []
      for (const shape of shapes) {
        chains.push(await stage(shape, [[{ id: 1, 'V"': `run ${run}` }], [{ id: 1, 'V"': `run ${run}` }]]))
      }
      await commit(...chains)
    }
    expect(await rows('orders', 'id', 'V"')).toEqual(['1 run 2'])
    expect(await rows(`${long}_a`, 'id', 'V"')).toEqual(['1 run 2'])
    expect(await rows(`${long}_b`, 'id', 'V"')).toEqual(['1 run 2'])
    expect(await rows('replaced', 'id', 'V"')).toEqual(['1 run 2', '1 run 2'])
    expect(new Set(await rows('history', 'id', 'V"'))).toEqual(new Set(['1 run 1', '1 run 2']))
  })
})

function literal(value: Value): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  return value === null ? 'NULL' : String(value).toUpperCase()
}
