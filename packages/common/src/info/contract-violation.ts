/** Rows or fields of one kind that a schema contract kept out, with the first case. */
export interface ContractViolation {
  /** Load id. */
  readonly package: string
  readonly table: string
  /** Null where the table itself is what the contract does not allow. */
  readonly column: string | null
  readonly entity: 'tables' | 'columns' | 'data_type'
  readonly mode: string
  /** Fields, or rows of a table that is kept out. */
  readonly count: number
  /** The first value, as JSON that is cut where it is long; null for a table. */
  readonly value: string | null
  /** Where the first case is. */
  readonly place: InputPlace
}

/** A row's place in the input, as the user counts. */
export interface InputPlace {
  readonly file: string
  readonly counts: 'lines' | 'elements'
  /** From 1. */
  readonly number: number
}

/** `events.jsonl, line 17`. */
export function placeText({ file, counts, number }: InputPlace): string {
  return `${file}, ${counts === 'lines' ? 'line' : 'element'} ${number}`
}

/** One line for a person. */
export function violationText(violation: ContractViolation): string {
  const { table, column, entity, mode, count, value } = violation
  const what = {
    tables: `row(s) of new table ${table}`,
    columns: `value(s) of new column ${column} of table ${table}`,
    data_type: `value(s) of another type, ${column} of table ${table}`,
  }[entity]
  const first = value === null ? '' : `, ${value}`
  return `${count} ${what} kept out by ${entity}: ${mode}; the first at ${placeText(violation.place)}${first}`
}
