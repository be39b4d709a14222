import { NotYet } from '../not-yet.mjs'

/*
 * What a scenario needs of a database beside the library: a fresh one, statements of the test, and what stands in it
 * afterwards, read by the engine's own driver. Values come as scenarios spell them (`values.mjs`).
 *
 * A reader has: `credentials` for the destination; `copy(folder)`, a reader of a copy of the database; `execute(statements)`;
 * `dropDataset(name)`; `datasets()`, the names of its schemas; `tables(dataset)`, by name with `columns` and `rows`;
 * `close()`, which removes the database. That of PostgreSQL also has `clear()`, which removes all datasets: making a
 * database takes longer than most scenarios.
 */

const readers = {
  duckdb: () => import('./duckdb-reader.mjs'),
  postgres: () => import('./postgres-reader.mjs'),
}

/** A fresh database of that engine. @throws {NotYet} nothing here can read such a destination */
export async function openReader(engine, folder) {
  const load = readers[engine]
  if (load === undefined) throw new NotYet(`the destination ${engine} is not there yet, nor what reads it here`)
  return (await load()).openReader(folder)
}
