import type { Loads } from './symbols.mjs'

export interface Difference {
  readonly key: string
  readonly text: string
}

export interface FoundTable {
  readonly columns: readonly object[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

export interface Found {
  readonly error: Error | null
  readonly loadPackages?: readonly object[] | undefined
  readonly rowCounts: Readonly<Record<string, number>>
  readonly pagesPulled: Readonly<Record<string, number>>
  readonly pending: object
  readonly state: object | null
  readonly schemas: Readonly<Record<string, object>>
  readonly dataset?:
    | {
        readonly tables: Readonly<Record<string, FoundTable>>
        readonly dltTables: Readonly<Record<string, FoundTable>>
        readonly remoteState?: object | undefined
      }
    | undefined
  readonly datasetName: string
}

export interface Context {
  readonly loads: Loads
  /** Ids of rows after the step before; without it they are not compared from step to step. */
  readonly rowIds?: Map<string, string>
  readonly from: number
  readonly until: number
}

export function compareStep(expect: object, found: Found, context: Context): Difference[]
