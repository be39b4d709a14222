export interface ReadTable {
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[]
  readonly rows: readonly Record<string, unknown>[]
}

export function query(path: string, sql: string): Promise<unknown[][]>
export function readDataset(path: string, dataset: string): Promise<Record<string, ReadTable>>
export function withoutIds(
  tables: Record<string, ReadTable>,
  keyOf?: Readonly<Record<string, string>>,
): Record<string, readonly string[]>
