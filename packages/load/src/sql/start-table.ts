import type { Job } from '@gantry/common'
import type { JobKeeper } from '../job-keeper.ts'
import type { TableLoad } from '../plan-package.ts'

/** Starts the jobs of a table. @returns the same with its files where they are now */
export async function startTable(load: TableLoad, keeper: JobKeeper): Promise<TableLoad> {
  const jobs: Job[] = []
  for (const job of load.jobs) jobs.push(await keeper.started(job))
  return { ...load, jobs }
}
