import { DataValidationError, Double } from '@gantry/common'
import type { Hints } from './hints.ts'
import { InvalidHint } from './invalid-hint.ts'
import { isRowSchema, type Checked, type Issue, type RowSchema } from './row-schema.ts'
import { isPlainObject } from '../plain-values.ts'
import { parseSchemaContract } from './schema-contract.ts'

/**
 * Checks rows by a schema: what it makes of a row is what is written, with its defaults, transformations and without the
 * fields that it drops. What happens to a row that it refuses is in the contract's `dataType`: by default and with
 * `freeze` the run ends, with `discard_row` the row is left out and counted, with `evolve` it is written as it came.
 *
 * Follows dlt `dlt/common/libs/pydantic.py`, where the schema is a pydantic model.
 */
export class RowCheck {
  /** Rows that were left out. */
  discarded = 0
  readonly #schema: RowSchema
  readonly #mode: 'freeze' | 'discard_row' | 'evolve'
  readonly #table: string
  #row = 0

  constructor(schema: RowSchema, mode: 'freeze' | 'discard_row' | 'evolve', table: string) {
    this.#schema = schema
    this.#mode = mode
    this.#table = table
  }

  /**
   * What is to be written in place of the row; undefined where it is left out. A promise only where the schema gives one.
   *
   * @throws {DataValidationError}
   */
  check(row: unknown): unknown {
    const at = ++this.#row
    const checked = this.#schema['~standard'].validate(withPlainNumbers(row))
    return checked instanceof Promise
      ? checked.then((result) => this.#settle(row, at, result))
      : this.#settle(row, at, checked)
  }

  #settle(row: unknown, at: number, checked: Checked<unknown>): unknown {
    if (checked.issues === undefined) return checked.value
    if (this.#mode === 'evolve') return row
    if (this.#mode === 'freeze') throw this.#refused(at, checked.issues)
    this.discarded++
    return undefined
  }

  #refused(at: number, issues: readonly Issue[]): DataValidationError {
    const [first] = issues
    const path = pathOf(first)
    const what =
      first === undefined ? 'it is not valid' : `${path.length === 0 ? '' : `"${path.join('.')}": `}${first.message}`
    const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
    return new DataValidationError(
      `Row ${at} for ${this.#table} does not fit the schema of its columns: ${what}${more}. ` +
        "Correct the row, or leave such rows out with schemaContract: { dataType: 'discard_row' }.",
      { table: this.#table, column: path[0] ?? null, entity: 'data_type' },
    )
  }
}

/** The check that hints ask for; undefined where their columns are no schema. @throws {InvalidHint} */
export function rowCheckOf({ columns, schemaContract }: Hints, resource: string): RowCheck | undefined {
  if (!isRowSchema(columns)) return undefined
  // Rows are checked before they say what is declared of their tables.
  const given = typeof schemaContract === 'function' ? undefined : schemaContract
  const contract = given === undefined ? undefined : parseSchemaContract(given, resource)
  const mode = (typeof contract === 'string' ? contract : contract?.data_type) ?? 'freeze'
  if (mode === 'discard_value') {
    throw new InvalidHint(
      `The contract of ${resource} is "discard_value" for data types, but a schema refuses rows, not values. Use discard_row, freeze or evolve.`,
      { mode },
    )
  }
  return new RowCheck(columns, mode, resource)
}

function pathOf(issue: Issue | undefined): string[] {
  return (issue?.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part))
}

/** Levels that are looked through; a row that contains itself has no end. */
const maxLevels = 64

/** The value with plain numbers for `1.0` as JSON has it, which schemas would not take for a number; else the value itself. */
function withPlainNumbers(value: unknown, levels: number = maxLevels): unknown {
  if (value instanceof Double) return value.value
  if (levels === 0) return value
  if (Array.isArray(value)) {
    const items = value.map((item) => withPlainNumbers(item, levels - 1))
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  if (!isPlainObject(value)) return value
  const changed = Object.entries(value).flatMap(([key, item]) => {
    const plain = withPlainNumbers(item, levels - 1)
    return plain === item ? [] : [[key, plain] as const]
  })
  return changed.length === 0 ? value : { ...value, ...Object.fromEntries(changed) }
}
