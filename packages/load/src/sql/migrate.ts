import { step } from '@gantry/common'
import type { MigrationPlan, MigrationUnit } from '../destinations/destination.ts'
import { isRefusal } from '../errors.ts'
import { readCatalog, tableNames } from './catalog.ts'
import { qualifiedName } from './identifier.ts'
import { Foreseen } from './foreseen.ts'
import type { LoadPlace } from './load-place.ts'
import { planMigration } from './plan-migration.ts'
import { refreshJob } from './system-statements.ts'

/*
 * Brings a dataset up to a schema: drops what is to be dropped, makes and extends tables, records the version. Nothing is
 * looked at where this very version is recorded and nothing dropped (dlt `dlt/destinations/job_client_impl.py`,
 * `update_stored_schema`).
 */

/**
 * What there is to do, as statements; only reads.
 *
 * @param foreseen  what was planned before
 */
export async function readMigration(
  unit: MigrationUnit,
  place: LoadPlace,
  foreseen: Foreseen = new Foreseen(),
): Promise<MigrationPlan> {
  const { connection, dataset, stagingDataset, dialect, statements } = place
  const there = await tableNames(connection, dataset, dialect)
  const known = foreseen.tables(there)
  const hasLedger = there.includes(statements.names.ledger)
  const hasVersions = there.includes(statements.names.versions)
  const isRefresh = unit.dropped.length + unit.truncated.length > 0
  const isFirst = !isRefresh || !hasLedger || !(await isRefreshed(unit, place))
  const dropped = isFirst ? unit.dropped.filter((name) => known.has(name)) : []
  const truncated = isFirst ? unit.truncated.filter((name) => known.has(name)) : []
  const isKnown =
    dropped.length === 0 &&
    (foreseen.hasVersion(unit.schema.version_hash) ||
      (hasVersions && (await connection.query(statements.findVersion())).length > 0))
  const gone = new Set(dropped)
  const tables = isKnown ? [] : unit.tables
  const names = tables.map(({ name }) => name)
  const found = foreseen.columns(await readCatalog(connection, dataset, names, dialect))
  const catalog = new Map([...found].filter(([name]) => !gone.has(name)))
  const plan = planMigration(dataset, tables, catalog, dialect)
  return {
    statements: [
      ...(known.size > 0 ? [] : [`CREATE SCHEMA IF NOT EXISTS ${dialect.schema(dataset)}`]),
      ...(dialect.staging === 'dataset' ? [`CREATE SCHEMA IF NOT EXISTS ${dialect.schema(stagingDataset)}`] : []),
      ...(known.has(statements.names.ledger) ? [] : [statements.createLedger()]),
      ...dropped.map((name) => `DROP TABLE ${qualifiedName(dataset, name, dialect)}`),
      ...plan.statements,
      // Changes of tables come before changes of rows: DuckDB asks for that.
      ...(dropped.length > 0 && hasVersions ? [statements.deleteVersions()] : []),
      ...truncated.map((name) => dialect.truncate(qualifiedName(dataset, name, dialect))),
      ...plan.filled.flatMap(({ fill }) => fill),
      ...(dialect.canAlterAfterUpdate ? plan.filled.map(({ require }) => require) : []),
    ],
    records: [
      ...(isRefresh && isFirst
        ? [statements.claim(unit.loadId, refreshJob, statements.names.ledger, unit.insertedAt)]
        : []),
      ...(isKnown ? [] : [statements.insertVersion(unit.insertedAt)]),
    ],
    afterwards: dialect.canAlterAfterUpdate
      ? []
      : plan.filled.map(({ table, column, require }) => ({ table, column, statement: require })),
    changes: new Map([...plan.changes].map(([table, columns]) => [table, columns.map(({ name }) => name)])),
    relaxed: plan.relaxed,
  }
}

/** Does it, in one transaction, save what the engine does not take there. */
export async function migrate(unit: MigrationUnit, place: LoadPlace): Promise<MigrationPlan> {
  const { connection } = place
  const plan = await connection.transaction('migrating the tables', async () => {
    const found = await readMigration(unit, place)
    for (const statement of [...found.statements, ...found.records]) await connection.run(statement)
    step('load:migrate')
    return found
  })
  const relaxed = [...plan.relaxed]
  for (const { table, column, statement } of plan.afterwards) {
    try {
      await connection.run(statement)
    } catch (error) {
      if (!isRefusal(error)) throw error
      relaxed.push({ table, column })
    }
  }
  return { ...plan, relaxed }
}

/** Tables that this load made anew must not be dropped again, with what has been loaded since. */
async function isRefreshed(unit: MigrationUnit, { connection, statements }: LoadPlace): Promise<boolean> {
  const jobs = await connection.query(statements.findJobs(unit.loadId))
  return jobs.some(([id]) => id === refreshJob)
}
