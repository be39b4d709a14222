import {
  DataValidationError,
  diffTable,
  findTypeConflict,
  isComplete,
  isNewTable,
  normalizerHints,
  propagateRootKey,
  systemNames,
  tableContract,
  TerminalError,
  updateTable,
  type Column,
  type ContractEntity,
  type ContractMode,
  type NamingConvention,
  type Schema,
  type SystemNames,
  type Table,
  type TypeConflict,
} from '@gantry/common'

/*
 * Declared tables against the schema that is there: the contract decides what of a declaration comes in, as it does for
 * data in normalize (dlt `Schema.apply_schema_contract`, called by `dlt/extract/extractors.py`).
 */

/** A column with data is declared with another type. */
export class DeclaredTypeConflict extends TerminalError {
  override readonly code = 'declared_type_conflict'

  constructor({ table, column, existing, incoming }: TypeConflict) {
    super(
      `Column "${column}" of table "${table}" holds ${existing.data_type}, and is declared as ${incoming.data_type}. ` +
        'Declare it as it is, or let the new values go to a column of another name.',
      { table, column, existing: existing.data_type, incoming: incoming.data_type },
    )
  }
}

/** How declared tables come into a schema. */
export interface DeclareRules {
  readonly naming: NamingConvention
  /** The destination's merge strategies, its default first; none while no destination is known. */
  readonly mergeStrategies: readonly string[]
}

/** A schema with declared tables in it. */
export interface Declared {
  readonly schema: Schema
  /** The tables as the contract let them in. */
  readonly tables: readonly Table[]
}

/**
 * Declares the tables of a resource, its own first. What the contract drops is left out, together with what is nested
 * under it; undefined where it drops the resource's own table, and with it all rows.
 *
 * @throws {DataValidationError} the declaration brings what is frozen
 * @throws {DeclaredTypeConflict} without a contract that says what to do
 */
export function declareTables(schema: Schema, tables: readonly Table[], rules: DeclareRules): Declared | undefined {
  const admitted: Table[] = []
  let declared = schema
  for (const [at, table] of tables.entries()) {
    if (table.hints.parent != null && !declared.tables.has(table.hints.parent)) continue
    const one = admit(declared, table, rules.naming)
    if (one === undefined && at === 0) return undefined
    if (one === undefined) continue
    admitted.push(one)
    declared = addTables(declared, [one], rules)
  }
  return { schema: declared, tables: admitted }
}

/** The schema with tables that were let in; the id of root rows is handed down where merges need it. */
export function addTables(schema: Schema, tables: readonly Table[], { naming, mergeStrategies }: DeclareRules): Schema {
  let added = schema
  for (const table of tables) {
    added = updateTable(added, table, { compoundHints: 'replace' })
    added = propagateRootKey(added, table.name, naming, mergeStrategies)
  }
  return added
}

/** What the contract lets in of a declared table; undefined where it drops the table. */
function admit(schema: Schema, table: Table, naming: NamingConvention): Table | undefined {
  const known = schema.tables.get(table.name)
  const isNew = isNewTable(known)
  const names = systemNames(naming)
  const declared = updateTable(schema, table, { compoundHints: 'replace' })
  const contract = tableContract(declared, table.name, undefined, false, names)
  if (isNew && contract.tables !== 'evolve') {
    if (contract.tables === 'freeze') throw frozen(table.name, null, 'tables')
    return undefined
  }
  const modes = tableContract(declared, table.name, undefined, isNew, names)
  const admitted = withoutRefused(table, known, declared, modes, names)
  const conflict = normalizerHints(known)['seen-data'] === true ? findTypeConflict(known, admitted) : undefined
  if (conflict !== undefined) throw new DeclaredTypeConflict(conflict)
  if (!isNew || contract.columns === 'evolve') return admitted
  const state = { ...normalizerHints(admitted), 'evolve-columns-once': true }
  return { ...admitted, hints: { ...admitted.hints, 'x-normalizer': state } }
}

function withoutRefused(
  table: Table,
  known: Table | undefined,
  declared: Schema,
  modes: Readonly<Record<ContractEntity, ContractMode>>,
  names: SystemNames,
): Table {
  const changed = diffTable(known, declared.tables.get(table.name) as Table)?.columns
  const columns = new Map<string, Column>()
  for (const [name, column] of table.columns) {
    const entity = changed?.has(name) ? whatIsNew(known?.columns.get(name), column) : undefined
    const mode = entity === undefined || name.startsWith(names.prefix) ? 'evolve' : modes[entity]
    if (mode === 'freeze') throw frozen(table.name, name, entity as ContractEntity)
    if (mode === 'evolve') columns.set(name, column)
  }
  return { ...table, columns }
}

function whatIsNew(known: Column | undefined, declared: Column): 'columns' | 'data_type' | undefined {
  if (known === undefined || !isComplete(known)) return declared.variant === true ? 'data_type' : 'columns'
  const ofType = ['data_type', 'nullable', 'precision', 'scale', 'timezone'] as const
  const isChanged = ofType.some((hint) => declared[hint] !== undefined && declared[hint] !== known[hint])
  return isChanged ? 'data_type' : undefined
}

function frozen(table: string, column: string | null, entity: ContractEntity): DataValidationError {
  const what = {
    tables: `a new table "${table}"`,
    columns: `a new column "${column}" of table "${table}"`,
    data_type: `another type for column "${column}" of table "${table}"`,
  }[entity]
  return new DataValidationError(
    `The hints declare ${what}, and the contract for ${entity} is "freeze". Let it evolve, or take the hint away.`,
    { table, column, entity },
  )
}
