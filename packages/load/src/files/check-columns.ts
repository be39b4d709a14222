import type { Column } from '@gantry/common'
import { LoadFileMalformed } from '../errors.ts'

/** @throws {LoadFileMalformed} a file names columns that its table does not have, whose values would be lost */
export function checkColumns(names: readonly string[], columns: readonly Column[], path: string): void {
  const known = new Set(columns.map(({ name }) => name))
  const strange = names.filter((name) => !known.has(name))
  if (strange.length === 0) return
  throw new LoadFileMalformed(
    `${path} has columns that its table does not have: ${strange.join(', ')}. Normalize its package again.`,
    { path, columns: strange },
  )
}
