import type { Dialect } from '../dialect.ts'
import type { Chain, ChainStatements } from './chain.ts'
import { columnList } from './keys.ts'

/** All rows go, staged rows take their place, in every table of the chain. */
export function insertFromStaging({ root, nested }: Chain, dialect: Dialect): ChainStatements {
  return {
    prepare: [],
    apply: [root, ...nested].flatMap((table) => {
      const list = columnList(table)
      return [dialect.truncate(table.name), `INSERT INTO ${table.name} (${list}) SELECT ${list} FROM ${table.staging}`]
    }),
    cleanUp: [],
  }
}
