import type { ColumnState } from '../table-state.ts'

/** The columns of one load file, each at its position. New ones go last. */
export class FileColumns {
  readonly names: string[] = []
  readonly #byName = new Map<string, number>()
  /** The position by the column's index in its table, which is faster than by its name. */
  readonly #byIndex: (number | undefined)[] = []

  constructor(names: Iterable<string>) {
    for (const name of names) this.#addName(name)
  }

  /** Undefined for a column that the file does not have. */
  tryPosition(column: ColumnState): number | undefined {
    return (this.#byIndex[column.index] ??= this.#byName.get(column.name))
  }

  /** The column's position; it is added where the file does not have it. */
  add(column: ColumnState): number {
    return this.tryPosition(column) ?? this.#addName(column.name)
  }

  #addName(name: string): number {
    const position = this.names.push(name) - 1
    this.#byName.set(name, position)
    return position
  }
}
