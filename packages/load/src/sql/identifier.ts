import type { Dialect } from './dialect.ts'

/** A name as SQL takes it literally, in double quotes. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** `"dataset"."table"`, with the database in front where the engine might take the dataset for something else. */
export function qualifiedName(dataset: string, table: string, dialect: Pick<Dialect, 'schema'>): string {
  return `${dialect.schema(dataset)}.${quoteIdentifier(table)}`
}
