import { TerminalError } from '../errors.ts'
import { inheritedHint } from './chains.ts'
import { completeColumns } from './merge.ts'
import type { ContractMode, JsonValue, Schema, Table } from './model.ts'
import { normalizerHints } from './processing-hints.ts'
import type { SystemNames } from './system-tables.ts'

/** What a schema contract speaks about. */
export type ContractEntity = 'tables' | 'columns' | 'data_type'

/** What is done with something new in one table, for each entity. */
export type TableContract = Readonly<Record<ContractEntity, ContractMode>>

const evolve: TableContract = { tables: 'evolve', columns: 'evolve', data_type: 'evolve' }

/** What a contract has kept out, or would have to. */
export interface ContractCase {
  readonly table: string
  /** Null where it is the whole table. */
  readonly column: string | null
  readonly entity: ContractEntity
  /** The value that asks for it, as it is shown. */
  readonly value?: string
}

/** Data, or what was declared about it, brings what a frozen contract does not allow. */
export class DataValidationError extends TerminalError {
  override readonly code = 'data_validation_error'

  constructor(message: string, what: ContractCase) {
    super(message, { ...what, mode: 'freeze' })
    this.name = 'DataValidationError'
  }
}

/** The error for a row that brings something new, as normalize finds out. */
export function frozenByContract(what: ContractCase): DataValidationError {
  const { table, column, entity, value } = what
  const brought = {
    tables: `a new table "${table}"`,
    columns: `a new column "${column}" of table "${table}"`,
    data_type: `a value of another type, for which table "${table}" would need the column "${column}"`,
  }[entity]
  const shown = value === undefined ? '' : ` (${value})`
  return new DataValidationError(
    `The data brings ${brought}${shown}, and the contract for ${entity} is "freeze". Let it evolve, discard what is new, or correct the data.`,
    what,
  )
}

/**
 * The contract that holds for a table: its own or that of a table above it, else that of the schema. dlt's own tables
 * always evolve, and so do the columns of a table that is new in this package (dlt `Schema.apply_schema_contract`).
 *
 * @param isNew  the table had no complete column when the package began
 */
export function tableContract(
  schema: Schema,
  name: string,
  parent: string | undefined,
  isNew: boolean,
  names: SystemNames,
): TableContract {
  if (name.startsWith(names.prefix)) return evolve
  const declaredAt = schema.tables.has(name) ? name : parent
  const own =
    declaredAt === undefined || !schema.tables.has(declaredAt)
      ? undefined
      : inheritedHint(schema, declaredAt, 'schema_contract')
  const contract = expand(own ?? schema.settings.schema_contract)
  const table = schema.tables.get(name)
  return isNew || normalizerHints(table)['evolve-columns-once'] === true ? { ...contract, columns: 'evolve' } : contract
}

/** True for a table without a single complete column. */
export function isNewTable(table: Table | undefined): boolean {
  return table === undefined || completeColumns(table).length === 0
}

function expand(contract: JsonValue | undefined): TableContract {
  if (typeof contract === 'string') {
    const mode = contract as ContractMode
    return { tables: mode, columns: mode, data_type: mode }
  }
  if (typeof contract !== 'object' || contract === null || Array.isArray(contract)) return evolve
  return { ...evolve, ...(contract as Partial<TableContract>) }
}
