import { DestinationLocked } from '../errors.ts'
import { tableNames } from './catalog.ts'
import type { SqlEngine } from './engine.ts'
import { qualifiedName } from './identifier.ts'
import { loadLock, type LoadPlace } from './load-place.ts'
import { stagingJob } from './system-statements.ts'

/**
 * Drops staging tables that earlier loads of a pipeline have left: they were killed, and nobody will go on with them. The
 * ledger tells whose a table is; what it does not know is left alone, and so are loads that another process is at.
 *
 * @param pending  load ids of packages that still wait: their staging tables are needed
 * @returns the tables that were dropped
 */
export async function sweepStaging(
  pipelineName: string,
  pending: readonly string[],
  { connection, dataset, stagingDataset, dialect, statements }: LoadPlace,
  lock: SqlEngine['lock'],
): Promise<string[]> {
  if (dialect.staging !== 'dataset') return []
  const there = await tableNames(connection, stagingDataset, dialect)
  if (there.length === 0) return []
  const owned = await connection.query(statements.findTables(there.map((table) => stagingJob(pipelineName, table))))
  const swept: string[] = []
  for (const loadId of new Set(owned.map(([id]) => String(id)))) {
    if (pending.includes(loadId)) continue
    try {
      await using _lock = await lock(loadLock(dataset, loadId))
      for (const [, table] of owned.filter(([id]) => id === loadId)) {
        await connection.run(`DROP TABLE IF EXISTS ${qualifiedName(stagingDataset, String(table), dialect)}`)
        await connection.run(statements.forget(loadId, String(table)))
        swept.push(String(table))
      }
    } catch (error) {
      if (!(error instanceof DestinationLocked)) throw error
    }
  }
  return swept
}
