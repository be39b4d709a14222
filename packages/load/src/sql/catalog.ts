import type { Dialect } from './dialect.ts'
import type { CatalogColumn, SqlConnection } from './engine.ts'

/** Columns by table, in the order of the tables. */
export type Catalog = ReadonlyMap<string, readonly CatalogColumn[]>

/** Names of a dataset's tables in order; none where it is not there. */
export async function tableNames(connection: SqlConnection, dataset: string, dialect: Dialect): Promise<string[]> {
  const rows = await connection.query(
    `SELECT table_name FROM information_schema.tables WHERE ${dialect.catalogFilter} AND table_schema = ${dialect.text(dataset)} ORDER BY table_name`,
  )
  return rows.map(([name]) => String(name))
}

/** True if the dataset is there, with tables or without. */
export async function hasDataset(connection: SqlConnection, dataset: string, dialect: Dialect): Promise<boolean> {
  const filter = dialect.catalogFilter.replace('table_catalog', 'catalog_name')
  const rows = await connection.query(
    `SELECT 1 FROM information_schema.schemata WHERE ${filter} AND schema_name = ${dialect.text(dataset)}`,
  )
  return rows.length > 0
}

/** The columns of some of a dataset's tables; those that are not there are absent. */
export async function readCatalog(
  connection: SqlConnection,
  dataset: string,
  tables: readonly string[],
  dialect: Dialect,
): Promise<Catalog> {
  if (tables.length === 0) return new Map()
  const filter = `table_name IN (${tables.map(dialect.text).join(', ')})`
  return readColumns(connection, dataset, filter, dialect)
}

/** The same of all tables whose names have a word in them, whatever its case; the word is letters. */
export function readCatalogLike(
  connection: SqlConnection,
  dataset: string,
  word: string,
  dialect: Dialect,
): Promise<Catalog> {
  return readColumns(connection, dataset, `lower(table_name) LIKE ${dialect.text(`%${word}%`)}`, dialect)
}

async function readColumns(
  connection: SqlConnection,
  dataset: string,
  filter: string,
  dialect: Dialect,
): Promise<Catalog> {
  const catalog = new Map<string, CatalogColumn[]>()
  const rows = await connection.query(
    `SELECT table_name, column_name, data_type FROM information_schema.columns WHERE ${dialect.catalogFilter} ` +
      `AND table_schema = ${dialect.text(dataset)} AND ${filter} ORDER BY table_name, ordinal_position`,
  )
  for (const [table, name, type] of rows.map((row) => row.map(String)) as [string, string, string][]) {
    const columns = catalog.get(table)
    if (columns === undefined) catalog.set(table, [{ name, type }])
    else columns.push({ name, type })
  }
  return catalog
}
