import { changedHints } from './hints/change-hints.ts'
import type { TableOfRow } from './hints/hints.ts'
import type { RowsMark } from './marks.ts'
import type { RowSink } from './pipe/pipe.ts'
import type { ResourceHints } from './resource.ts'
import { RowFiles, type RowTarget } from './row-files.ts'

export interface WriterTarget extends Omit<RowTarget, 'open'> {
  /** The resource; undefined for bare rows, each of whose tables counts as one. */
  readonly name: string | undefined
  readonly hints: ResourceHints
  /** Declares a table. @returns its name in the package; undefined: its rows are dropped */
  readonly declare: (tableName: string, hints: ResourceHints) => string | undefined
}

/** Writes the rows of one resource, each to its table, by hints that rows may change. */
export class ResourceWriter implements RowSink {
  readonly files: RowFiles
  readonly #target: WriterTarget
  #hints: ResourceHints
  /** Of tables that have hints of their own. */
  readonly #variants = new Map<string, ResourceHints>()

  constructor(target: WriterTarget) {
    this.#target = target
    this.#hints = target.hints
    this.files = new RowFiles({
      ...target,
      open: (table) => target.declare(table, this.#variants.get(table) ?? this.#hints),
    })
  }

  mark({ hints, tableName, isVariant, isMaterialized }: RowsMark): void {
    if (hints !== undefined) {
      const place = `resource "${this.#target.name ?? ''}"`
      const changed = changedHints(this.#hints, hints, place)
      if (isVariant && tableName !== undefined) this.#variants.set(tableName, changed)
      else this.#hints = changed
      this.files.reopen()
    }
    const table = this.#tableOf(tableName)
    if (isMaterialized && typeof table === 'string') this.files.materialize(table)
  }

  take(row: unknown, mark: RowsMark | undefined): string | undefined {
    return this.files.take(row, this.#tableOf(mark?.tableName))
  }

  #tableOf(marked: string | undefined): string | TableOfRow {
    const { tableName = this.#target.name ?? '' } = this.#hints
    return typeof tableName === 'string' ? (marked ?? tableName) : tableName
  }
}
