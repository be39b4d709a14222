/** A table of a package, and how its rows would get in. */
export interface PlannedTable {
  readonly name: string
  readonly writeDisposition: string
  /** How the destination does that: `append`, `truncate-and-insert`, `delete-insert`, … */
  readonly strategy: string
  /** Empty for a table whose rows go with those of the tables above it. `rows` is null where the package does not say. */
  readonly jobs: readonly { readonly jobId: string; readonly rows: number | null }[]
}

/** A package that waits, and what a load would do with it. */
export interface PlannedPackage {
  readonly loadId: string
  readonly schemaName: string
  /** It is at the destination already: its folder would be moved, nothing else. */
  readonly isLoaded: boolean
  readonly tables: readonly PlannedTable[]
  readonly warnings: readonly { readonly table: string; readonly message: string }[]
  /** New columns by table; all of them where the table is new. */
  readonly newColumns: Readonly<Record<string, readonly string[]>>
  /** SQL that migrates the tables, in its order. Rows in dlt's own tables that say so are left out. */
  readonly statements: readonly string[]
}

export interface LoadPlanData {
  readonly pipelineName: string
  readonly destinationName: string
  /** Empty where there is none. */
  readonly datasetName: string
  /** Without secrets. */
  readonly location: string
  /** In the order in which they would be loaded. */
  readonly packages: readonly PlannedPackage[]
}

/** What a load would do: data, and the text that a person reads. */
export class LoadPlan {
  readonly data: LoadPlanData

  constructor(data: LoadPlanData) {
    this.data = data
  }

  toJSON(): LoadPlanData {
    return this.data
  }

  toString(): string {
    const { pipelineName, destinationName, datasetName, location, packages } = this.data
    return [
      `Pipeline ${pipelineName}: ${packages.length} load package(s) would be loaded to destination ${destinationName} and into dataset ${datasetName || 'None'}`,
      `The ${destinationName} destination uses ${location} location to store data`,
      ...packages.flatMap(packageLines),
      'Nothing was written.',
    ].join('\n')
  }
}

function packageLines(package_: PlannedPackage): string[] {
  const { loadId, schemaName, isLoaded, tables, warnings, statements } = package_
  const title = `Load package ${loadId} of schema ${schemaName}`
  if (isLoaded) return [`${title} is loaded already`]
  return [
    title,
    ...tables.map((table) => `  ${table.name}: ${wayOf(table)}${jobsOf(table)}`),
    ...warnings.map(({ table, message }) => `  ${table}: ${message}`),
    ...(statements.length === 0 ? ['  tables are as they have to be'] : statements.map((sql) => `  ${sql};`)),
  ]
}

function wayOf({ writeDisposition, strategy }: PlannedTable): string {
  return strategy === writeDisposition ? strategy : `${writeDisposition} by ${strategy}`
}

function jobsOf({ jobs }: PlannedTable): string {
  if (jobs.length === 0) return ', no job'
  const listed = jobs.map(({ jobId, rows }) => (rows === null ? jobId : `${jobId} with ${rows} row(s)`))
  return `, ${jobs.length === 1 ? 'job' : 'jobs'} ${listed.join(', ')}`
}
