import {
  compileDefaultHints,
  compilePreferredTypes,
  frozenByContract,
  Double,
  JsonObject,
  kindOf,
  relationalNoCoercionModule,
  systemNames,
  TerminalError,
  type Capabilities,
  type Column,
  type ContractEntity,
  type DataType,
  type NamingConvention,
  type Schema,
  type Value,
} from '@gantry/common'
import { cannot, coerce, WeiOutOfRange, type Present } from './coerce.ts'
import { shownValue, type ContractReport } from './contract-report.ts'
import { inferType, parseDetections, type InferenceRules } from './infer.ts'
import type { ColumnState, TableState } from './table-state.ts'

/** A null in a column that must not be null. */
export class CannotCoerceNull extends TerminalError {
  override readonly code = 'cannot_coerce_null'
}

/** A value that fits neither its column nor the variant column that exists for it. */
export class CannotCoerceColumn extends TerminalError {
  override readonly code = 'cannot_coerce_column'
}

/** The contract drops this field. */
export const discardedValue: unique symbol = Symbol('discarded value')
/** The contract drops this row, and the rows below it. */
export const discardedRow: unique symbol = Symbol('discarded row')

export type Fitted = Value | typeof discardedValue | typeof discardedRow

/**
 * The one place that infers, coerces and makes variants (dlt `Schema.coerce_row`): brings each value into the type of
 * its column, and gives new columns their type.
 */
export class Fitter {
  readonly #report: ContractReport
  readonly #naming: NamingConvention
  readonly #systemPrefix: string
  readonly #rules: InferenceRules
  readonly #hintsOf: (column: string) => Omit<Column, 'name' | 'data_type'>
  readonly #weiDigits: number
  /** Only values of a column's own kind go into it (dlt's `relational_no_coercion`). */
  readonly isStrict: boolean
  /** Where the value of the last {@link fit} goes: the column it was meant for, or a variant of it. */
  column: ColumnState | undefined

  constructor(
    schema: Schema,
    naming: NamingConvention,
    capabilities: Capabilities,
    startedAtSeconds: number,
    report: ContractReport,
  ) {
    this.#report = report
    this.#naming = naming
    this.#systemPrefix = systemNames(naming).prefix
    this.#hintsOf = compileDefaultHints(schema.settings)
    this.#rules = {
      detections: parseDetections(schema.settings.detections ?? ['iso_timestamp']),
      preferredType: compilePreferredTypes(schema.settings),
      startedAtSeconds,
    }
    this.#weiDigits = capabilities.weiPrecision[0]
    this.isStrict = schema.normalizers.json.module === relationalNoCoercionModule
  }

  /** The type that settings prefer for a column of that name. */
  preferredType(column: string): DataType | undefined {
    return this.#rules.preferredType(column)
  }

  /** Nulls are never written and make no column; where they are all there is, it is remembered. @throws {CannotCoerceNull} the column must not be null */
  checkNull(table: TableState, column: ColumnState): void {
    if (column.type === undefined && !column.sawNull) {
      column.sawNull = true
      table.noteChange()
    }
    const isRequired =
      column.type === undefined
        ? column.column === undefined && this.#hintsOf(column.name).nullable === false
        : column.column?.nullable === false
    if (!isRequired) return
    throw new CannotCoerceNull(
      `Column "${column.name}" of table "${table.name}" must not be null, but a row has null there. ` +
        'Correct the data, or let the column be nullable.',
      { table: table.name, column: column.name },
    )
  }

  /**
   * The value in the type of its column; {@link column} says which one that is afterwards.
   *
   * @returns {@link discardedValue} or {@link discardedRow} where the table's contract does not let it in
   * @throws {CannotCoerceColumn}
   * @throws {DataValidationError}
   */
  fit(table: TableState, column: ColumnState, value: Present): Fitted {
    this.column = column
    if (isOfType(value, column.type)) return value
    const kind = kindOf(value)
    if (column.type === undefined) {
      const type = inferType(value, column.name, this.#rules)
      const coerced = this.#coerce(value, kind, type, column.column)
      if (isValue(coerced)) {
        const refused = this.#judge(table, column, 'columns', value)
        if (refused !== undefined) return refused
        this.#define(table, column, type, false)
        noteInteger(table, column, value)
        return coerced
      }
      noteJudgement(table, column)
      return this.#toVariant(table, column, value, kind, coerced)
    }
    if (column.isNew) {
      if (column.type === 'bigint' && kind === 'double') {
        if (column.hasInexactInteger) return this.#toVariant(table, column, value, kind, cannot)
        this.#define(table, column, 'double', false)
        return value
      }
      if (column.type === 'double' && (kind === 'bigint' || typeof value === 'bigint')) {
        return hasExactDouble(value) ? value : this.#toVariant(table, column, value, kind, cannot)
      }
    }
    if (kind !== column.type) noteJudgement(table, column)
    const coerced = this.#coerce(value, kind, column.type, column.column)
    if (!isValue(coerced)) return this.#toVariant(table, column, value, kind, coerced)
    if (column.isNew && coerced !== null) noteInteger(table, column, coerced)
    return coerced
  }

  #toVariant(
    table: TableState,
    column: ColumnState,
    value: Present,
    kind: DataType,
    failure: typeof cannot | WeiOutOfRange,
  ): Fitted {
    const isWei = failure instanceof WeiOutOfRange
    const complex = kind === 'json' ? table.column(this.#variantName(column, 'complex')) : undefined
    const variant =
      complex?.type === undefined ? table.column(this.#variantName(column, isWei ? 'str' : kind)) : complex
    const type = variant.type ?? (isWei ? 'text' : kind)
    const coerced = isWei ? failure.text : this.#coerce(value, kind, type, variant.column)
    if (!isWei && coerced instanceof WeiOutOfRange) return this.#toVariant(table, variant, value, kind, coerced)
    if (!isValue(coerced) || (isWei && type !== 'text')) {
      throw new CannotCoerceColumn(
        `A ${kind} does not fit column "${column.name}" of table "${table.name}" (${column.type ?? 'new'}), nor the ` +
          `variant column "${variant.name}" (${type}). Correct the data, or rename the field.`,
        { table: table.name, column: variant.name },
      )
    }
    if (variant.type === undefined) {
      const refused = this.#judge(table, variant, 'data_type', value)
      if (refused !== undefined) return refused
      this.#define(table, variant, type, true)
    }
    this.column = variant
    return coerced
  }

  /** What the contract says to a column that is about to be made; undefined: let it be made. */
  #judge(
    table: TableState,
    column: ColumnState,
    entity: ContractEntity,
    value: Present,
  ): typeof discardedValue | typeof discardedRow | undefined {
    const mode = table.contract[entity]
    if (mode === 'evolve' || column.name.startsWith(this.#systemPrefix)) return undefined
    if (mode === 'freeze') {
      throw frozenByContract({ table: table.name, column: column.name, entity, value: shownValue(value) })
    }
    this.#report.add(table.name, column.name, entity, mode, value)
    return mode === 'discard_value' ? discardedValue : discardedRow
  }

  #variantName(column: ColumnState, suffix: string): string {
    return this.#naming.shortenFragments([column.name, `v_${suffix}`])
  }

  #coerce(
    value: Present,
    kind: DataType,
    type: DataType,
    column: Column | undefined,
  ): Value | typeof cannot | WeiOutOfRange {
    const coerced = this.isStrict && kind !== type ? cannot : coerce(value, kind, type, column)
    if (type !== 'wei' || !isValue(coerced) || coerced === null) return coerced
    const text = String(coerced)
    return text.replace(/^-/, '').split('.')[0]!.length > this.#weiDigits ? new WeiOutOfRange(text) : coerced
  }

  #define(table: TableState, column: ColumnState, type: DataType, isVariant: boolean): void {
    const declared = column.column?.data_type == null ? column.column : { ...column.column, data_type: type }
    column.type = type
    column.column = {
      name: column.name,
      data_type: type,
      ...this.#hintsOf(column.name),
      ...(isVariant ? { variant: true } : {}),
      ...declared,
    }
    table.changed.add(column)
    table.noteChange()
  }
}

/** True if the value can go into a column of that type as it is: the common case, decided without a call. */
function isOfType(value: Present, type: DataType | undefined): boolean {
  switch (type) {
    case 'text':
      return typeof value === 'string'
    case 'bigint':
      return typeof value === 'number' && Number.isInteger(value)
    case 'double':
      return (typeof value === 'number' && !Number.isInteger(value)) || value instanceof Double
    case 'bool':
      return typeof value === 'boolean'
    case 'json':
      return value instanceof JsonObject || Array.isArray(value)
    default:
      return false
  }
}

function isValue(coerced: Value | typeof cannot | WeiOutOfRange): coerced is Value {
  return coerced !== cannot && !(coerced instanceof WeiOutOfRange)
}

/** Remembers the type by which a value of another kind is judged: had it been another, so might be the value's place. */
function noteJudgement(table: TableState, column: ColumnState): void {
  if (column.judgedAs.includes(column.type)) return
  column.judgedAs.push(column.type)
  table.noteChange()
}

/** Remembers that a new integer column holds a value that no double has. */
function noteInteger(table: TableState, column: ColumnState, value: Present): void {
  if (column.type !== 'bigint' || column.hasInexactInteger || hasExactDouble(value)) return
  column.hasInexactInteger = true
  table.noteChange()
}

function hasExactDouble(value: Present): boolean {
  return typeof value !== 'bigint' || BigInt(Number(value)) === value
}
