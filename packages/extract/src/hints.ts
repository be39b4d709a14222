import { InvalidUsage, newTable, type NamingConvention, type Table, type WriteDisposition } from '@gantry/common'

/** What a user declares about the table that rows go to. */
export interface Hints {
  /** Name of the table; needed for rows that come without one. */
  readonly tableName?: string
  /** `append` (default) adds the rows, `replace` puts them in place of all earlier ones. */
  readonly writeDisposition?: WriteDisposition
}

/** Dispositions that the load stage can carry out. */
export const writeDispositions: readonly WriteDisposition[] = ['append', 'replace']

/** @throws {InvalidUsage} lists the dispositions there are */
export function parseWriteDisposition(text: string): WriteDisposition {
  const found = writeDispositions.find((name) => name === text)
  if (found === undefined) {
    throw new InvalidUsage(
      `Write disposition "${text}" is not available. Use one of: ${writeDispositions.join(', ')}.`,
      { text },
    )
  }
  return found
}

/**
 * The declared table of a resource, as it enters the schema: its hints, and no columns yet.
 *
 * @throws {InvalidUsage} a write disposition that cannot be carried out
 */
export function declaredTable(resourceName: string, hints: Hints, naming: NamingConvention): Table {
  const name = naming.normalizeTablesPath(hints.tableName ?? resourceName)
  const disposition = parseWriteDisposition(hints.writeDisposition ?? 'append')
  return {
    ...newTable(name),
    hints: { write_disposition: disposition, resource: resourceName },
  }
}
