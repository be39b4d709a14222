import { stringifyJson, type ContractMode, type ContractViolation, type Value } from '@gantry/common'

/** Values are shown up to this length. */
const shownCharacters = 100

/** What contracts kept out of one range: counted by table, column and entity, each with the first case. */
export class ContractReport {
  /** Line at hand, from 1 at the start of the range. */
  line = 1
  readonly #seen = new Map<string, { count: number } & Omit<ContractViolation, 'count' | 'package' | 'place'>>()
  readonly #lines = new Map<string, number>()

  /** Counts a row or field that was dropped. `column` is null where the whole table is kept out. */
  add(
    table: string,
    column: string | null,
    entity: ContractViolation['entity'],
    mode: ContractMode,
    value: Value | undefined,
  ): void {
    const key = JSON.stringify([table, column, entity])
    const seen = this.#seen.get(key)
    if (seen !== undefined) {
      seen.count++
      return
    }
    this.#seen.set(key, {
      table,
      column,
      entity,
      mode,
      count: 1,
      value: value === undefined ? null : shownValue(value),
    })
    this.#lines.set(key, this.line)
  }

  /** The cases in the order in which they came up, `placeOf` saying where a line of the range is in the input. */
  async violations(
    package_: string,
    placeOf: (line: number) => Promise<ContractViolation['place']>,
  ): Promise<ContractViolation[]> {
    const violations: ContractViolation[] = []
    for (const [key, seen] of this.#seen) {
      violations.push({ package: package_, ...seen, place: await placeOf(this.#lines.get(key) as number) })
    }
    return violations
  }
}

/** Cases of several ranges, those of one table, column and entity counted together. */
export function mergeViolations(
  earlier: readonly ContractViolation[],
  later: readonly ContractViolation[],
): ContractViolation[] {
  const merged = [...earlier]
  for (const violation of later) {
    const at = merged.findIndex(
      ({ table, column, entity }) =>
        table === violation.table && column === violation.column && entity === violation.entity,
    )
    const same = merged[at]
    if (same === undefined) merged.push(violation)
    else merged[at] = { ...same, count: same.count + violation.count }
  }
  return merged
}

/** A value as it is shown in messages: JSON, cut where it is long. */
export function shownValue(value: Value): string {
  const text = stringifyJson(value)
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text
}
