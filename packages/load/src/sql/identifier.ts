/** A name as SQL takes it literally, in double quotes. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** `"dataset"."table"` */
export function qualifiedName(dataset: string, table: string): string {
  return `${quoteIdentifier(dataset)}.${quoteIdentifier(table)}`
}
