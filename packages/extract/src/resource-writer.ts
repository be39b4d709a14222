import { changedHints } from './hints/change-hints.ts'
import {
  checkPerRow,
  hintsOfRow,
  hintsPerRow,
  textOfHints,
  InconsistentTableTemplate,
  type DeclaredHints,
} from './hints/hints-of-row.ts'
import { InvalidHint } from './hints/invalid-hint.ts'
import type { RowsMark } from './marks.ts'
import type { RowSink } from './pipe/pipe.ts'
import type { ResourceHints } from './resource.ts'
import { RowFiles, type RowTarget } from './row-files.ts'

export interface WriterTarget extends Omit<RowTarget, 'open'> {
  /** The resource; undefined for bare rows, each of whose tables counts as one. */
  readonly name: string | undefined
  readonly hints: ResourceHints
  /** Declares a table. @returns its name in the package; undefined: its rows are dropped */
  readonly declare: (tableName: string, hints: DeclaredHints) => string | undefined
}

/** Writes the rows of one resource, each to its table, by hints that rows may change. */
export class ResourceWriter implements RowSink {
  readonly files: RowFiles
  readonly #target: WriterTarget
  #hints: ResourceHints
  /** Of these, what is a function of the row, save the name of the table. */
  #perRow: readonly (keyof ResourceHints)[]
  /** Of tables that have hints of their own. */
  readonly #variants = new Map<string, DeclaredHints>()
  /** Of tables by what their last row has made of the functions. */
  readonly #ofRows = new Map<string, DeclaredHints>()
  #rows = 0

  constructor(target: WriterTarget) {
    this.#target = target
    this.#hints = target.hints
    this.#perRow = hintsPerRow(target.hints)
    this.files = new RowFiles({ ...target, open: (table) => target.declare(table, this.#hintsOf(table)) })
  }

  mark({ hints, tableName, isVariant, isMaterialized }: RowsMark): void {
    if (hints !== undefined) {
      if (isVariant && tableName !== undefined) this.#addVariant(tableName, hints)
      else this.#change(hints)
      this.files.reopen()
    }
    const { tableName: own = this.#target.name ?? '' } = this.#hints
    if (isMaterialized && typeof own === 'string') this.files.materialize(tableName ?? own)
  }

  take(row: unknown, mark: RowsMark | undefined): string | undefined {
    this.#rows++
    const { tableName = this.#target.name ?? '' } = this.#hints
    if (typeof tableName === 'string') return this.files.take(row, mark?.tableName ?? tableName)
    const name = this.#checked(tableName(row as Record<string, unknown>))
    if (this.#perRow.length === 0 || this.#variants.has(name)) return this.files.take(row, name)
    const made = hintsOfRow(this.#hints, this.#perRow, row)
    this.#ofRows.set(name, made)
    return this.files.take(row, name, textOfHints(made, this.#perRow))
  }

  #hintsOf(tableName: string): DeclaredHints {
    return this.#variants.get(tableName) ?? this.#ofRows.get(tableName) ?? (this.#hints as DeclaredHints)
  }

  #change(hints: NonNullable<RowsMark['hints']>): void {
    const changed = changedHints(this.#hints, hints, this.#place)
    checkPerRow(changed, this.#place)
    this.#hints = changed
    this.#perRow = hintsPerRow(changed)
    this.#ofRows.clear()
  }

  /** A variant begins with those hints of the resource that are no functions, and goes on from there. */
  #addVariant(tableName: string, hints: NonNullable<RowsMark['hints']>): void {
    const ofResource = Object.entries(this.#hints).filter(
      ([name]) => !(this.#perRow as readonly string[]).includes(name),
    )
    const base: ResourceHints = this.#variants.get(tableName) ?? Object.fromEntries(ofResource)
    const place = `table variant "${tableName}" of ${this.#place}`
    const changed = changedHints(base, hints, place)
    const [perRow] = hintsPerRow(changed)
    if (perRow !== undefined) {
      throw new InconsistentTableTemplate(`"${perRow}" of ${place} is a function of the row. It takes a plain hint.`, {
        hint: perRow,
      })
    }
    this.#variants.set(tableName, changed as DeclaredHints)
  }

  get #place(): string {
    return `resource "${this.#target.name ?? ''}"`
  }

  #checked(name: unknown): string {
    if (typeof name === 'string' && name.trim() !== '') return name
    throw new InvalidHint(
      `The function "tableName" gave ${JSON.stringify(name) ?? 'nothing'} for row ${this.#rows}. It has to give the name of a table.`,
      { row: this.#rows },
    )
  }
}
