import type { MigrationPlan, MigrationUnit } from '../destinations/destination.ts'
import type { Catalog } from './catalog.ts'
import type { CatalogColumn } from './engine.ts'

/** What migrations that are planned, and not done, will have made of a dataset. */
export class Foreseen {
  readonly #added = new Map<string, CatalogColumn[]>()
  readonly #dropped = new Set<string>()
  readonly #versions = new Set<string>()

  /** Names of the tables then, out of those there are. */
  tables(names: readonly string[]): Set<string> {
    return new Set([...names.filter((name) => !this.#dropped.has(name)), ...this.#added.keys()])
  }

  hasVersion(hash: string | null): boolean {
    return hash !== null && this.#versions.has(hash)
  }

  columns(catalog: Catalog): Catalog {
    const columns = new Map([...catalog].filter(([name]) => !this.#dropped.has(name)))
    for (const [name, added] of this.#added) columns.set(name, [...(columns.get(name) ?? []), ...added])
    return columns
  }

  /** @param ledger  the table that every migration makes besides */
  add({ schema, dropped }: MigrationUnit, { changes }: MigrationPlan, ledger: string): void {
    for (const name of dropped) {
      this.#dropped.add(name)
      this.#added.delete(name)
    }
    if (dropped.length > 0) this.#versions.clear()
    for (const [name, columns] of changes) {
      const added = this.#added.get(name) ?? []
      this.#added.set(name, [...added, ...columns.map((column) => ({ name: column, type: 'planned' }))])
    }
    this.#added.set(ledger, [])
    if (schema.version_hash !== null) this.#versions.add(schema.version_hash)
  }
}
