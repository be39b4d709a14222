import { createHash } from 'node:crypto'

/**
 * The job that ends a chain: brings rows out of its staging tables to where they belong. It has no file; the ledger and the
 * metrics of the chain's files know it by this id.
 */
export function chainJob(loadId: string, rootTable: string): string {
  return `${rootTable}.${createHash('sha256')
    .update(loadId + rootTable)
    .digest('hex')
    .slice(0, 10)}.sql`
}
