import type { ChainStrategy } from '../../plan-package.ts'
import { quoteIdentifier } from '../identifier.ts'
import type { Dialect } from '../dialect.ts'
import type { Chain, ChainStatements } from './chain.ts'

/** The statements of a chain's strategy. */
export function chainStatements(chain: Chain, strategy: ChainStrategy, dialect: Dialect): ChainStatements {
  if (strategy !== 'insert-from-staging') throw new Error(`not yet: ${strategy}`)
  const tables = [chain.root, ...chain.nested]
  return {
    prepare: [],
    apply: tables.flatMap(({ name, staging, columns }) => {
      const list = columns.map((column) => quoteIdentifier(column.name)).join(', ')
      return [dialect.truncate(name), `INSERT INTO ${name} (${list}) SELECT ${list} FROM ${staging}`]
    }),
    cleanUp: [],
  }
}
