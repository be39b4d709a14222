import { step } from '@gantry/common'
import type { MigrationResult, MigrationUnit } from '../destinations/destination.ts'
import { readCatalog, tableNames } from './catalog.ts'
import { qualifiedName, quoteIdentifier } from './identifier.ts'
import type { LoadPlace } from './load-place.ts'
import { planMigration } from './plan-migration.ts'
import { stagingDataset } from './staging.ts'
import { refreshJob } from './system-statements.ts'

/**
 * Brings the dataset up to a schema, in one transaction: drops what is to be dropped, makes and extends tables, records
 * the version. Nothing is looked at where this very version is recorded and nothing dropped (dlt
 * `dlt/destinations/job_client_impl.py`, `update_stored_schema`).
 */
export async function migrate(unit: MigrationUnit, place: LoadPlace): Promise<MigrationResult> {
  return place.connection.transaction('migrating the tables', async () => {
    const result = await applyMigration(unit, place)
    step('load:migrate')
    return result
  })
}

async function applyMigration(unit: MigrationUnit, place: LoadPlace): Promise<MigrationResult> {
  const { connection, dataset, dialect, statements } = place
  await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(dataset)}`)
  if (dialect.staging === 'dataset') {
    await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(stagingDataset(dataset))}`)
  }
  const refreshed = unit.dropped.length + unit.truncated.length > 0
  const known = new Set(await tableNames(connection, dataset, dialect))
  await connection.run(statements.createLedger())
  const isFirst = !refreshed || !(await isRefreshed(unit, place, known.has(statements.names.ledger)))
  const dropped = isFirst ? unit.dropped.filter((name) => known.has(name)) : []
  const hasVersions = known.has(statements.names.versions)
  const isKnown = dropped.length === 0 && hasVersions && (await connection.query(statements.findVersion())).length > 0
  for (const name of dropped) await connection.run(`DROP TABLE ${qualifiedName(dataset, name)}`)
  const plan = isKnown ? undefined : planMigration(dataset, unit.tables, await catalogOf(unit, place), dialect)
  for (const statement of plan?.statements ?? []) await connection.run(statement)
  // Changes of tables come before changes of rows: DuckDB asks for that.
  if (dropped.length > 0 && hasVersions) await connection.run(statements.deleteVersions())
  if (isFirst) {
    for (const name of unit.truncated.filter((table) => known.has(table))) {
      await connection.run(dialect.truncate(qualifiedName(dataset, name)))
    }
  }
  if (refreshed && isFirst) {
    await connection.query(statements.claim(unit.loadId, refreshJob, statements.names.ledger, unit.insertedAt))
  }
  if (plan === undefined) return { changes: new Map(), relaxed: [] }
  await connection.run(statements.insertVersion(unit.insertedAt))
  const changes = [...plan.changes].map(([table, columns]) => [table, columns.map(({ name }) => name)] as const)
  return { changes: new Map(changes), relaxed: plan.relaxed }
}

/** Tables that this load made anew must not be dropped again, with what has been loaded since. */
async function isRefreshed(unit: MigrationUnit, place: LoadPlace, hasLedger: boolean): Promise<boolean> {
  if (!hasLedger) return false
  const jobs = await place.connection.query(place.statements.findJobs(unit.loadId))
  return jobs.some(([id]) => id === refreshJob)
}

function catalogOf(unit: MigrationUnit, { connection, dataset, dialect }: LoadPlace): ReturnType<typeof readCatalog> {
  return readCatalog(
    connection,
    dataset,
    unit.tables.map(({ name }) => name),
    dialect,
  )
}
