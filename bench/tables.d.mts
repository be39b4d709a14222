/** Where tables are. */
interface Tables {
  readonly database: string
  readonly schema: string
}

export declare function compareTables(
  expected: Tables,
  found: Tables,
  root: string,
): Promise<Readonly<Record<string, number>>>
