import {
  InvalidUsage,
  isoInstant,
  tryDate,
  tryTimestamp,
  type Column,
  type JsonValue,
  type TableHints,
  type WriteDisposition,
} from '@gantry/common'
import type { MergeDisposition, Scd2Disposition, WriteDispositionHint } from './hints.ts'
import { checkKeys, InvalidHint } from './invalid-hint.ts'

/** All write dispositions. */
export const writeDispositions: readonly WriteDisposition[] = ['append', 'replace', 'merge', 'skip']

/** @throws {InvalidUsage} lists the dispositions there are */
export function parseWriteDisposition(text: string): WriteDisposition {
  const found = writeDispositions.find((name) => name === text)
  if (found !== undefined) return found
  throw new InvalidUsage(`There is no write disposition "${text}". Use one of: ${writeDispositions.join(', ')}.`, {
    text,
  })
}

/** What a write disposition means for a table: hints of its own and of columns. */
export interface ExpandedDisposition {
  readonly hints: TableHints
  readonly columns: readonly Column[]
}

const strategies = ['delete-insert', 'upsert', 'insert-only', 'scd2'] as const
const scd2Keys = ['validityColumnNames', 'activeRecordTimestamp', 'boundaryTimestamp', 'rowVersionColumnName']

/**
 * A declared write disposition as hints of a table.
 *
 * @throws {InvalidHint} an unknown disposition, strategy or option
 * Follows dlt `dlt/extract/hints.py`.
 */
export function expandWriteDisposition(given: WriteDispositionHint, place: string): ExpandedDisposition {
  const isMap = typeof given === 'object' && given !== null
  const disposition = isMap ? given.disposition : given
  if (!writeDispositions.includes(disposition)) {
    throw new InvalidHint(
      `"writeDisposition" of ${place} is ${JSON.stringify(disposition)}. It takes ${writeDispositions.join(', ')}, or a map with "disposition".`,
      { disposition },
    )
  }
  if (!isMap) return { hints: { write_disposition: disposition }, columns: [] }
  if (given.disposition === 'merge') return expandMerge(given, `the writeDisposition of ${place}`)
  checkKeys(given, ['disposition'], `the writeDisposition of ${place}`, () => false)
  return { hints: { write_disposition: disposition }, columns: [] }
}

function expandMerge(given: MergeDisposition | Scd2Disposition, place: string): ExpandedDisposition {
  const strategy = given.strategy ?? 'delete-insert'
  if (!strategies.includes(strategy)) {
    throw new InvalidHint(`"strategy" of ${place} is "${strategy}". It takes ${strategies.join(', ')}.`, {
      strategy,
    })
  }
  checkKeys(
    given,
    ['disposition', 'strategy', 'deduplicated', ...(strategy === 'scd2' ? scd2Keys : [])],
    place,
    () => false,
  )
  const hints = {
    write_disposition: 'merge' as const,
    'x-merge-strategy': strategy,
    ...(given.deduplicated === true ? { 'x-stage-data-deduplicated': true } : {}),
  }
  return given.strategy === 'scd2' ? expandScd2(given, hints, place) : { hints, columns: [] }
}

function expandScd2(given: Scd2Disposition, hints: TableHints, place: string): ExpandedDisposition {
  const names: readonly unknown[] = given.validityColumnNames ?? ['_dlt_valid_from', '_dlt_valid_to']
  if (!Array.isArray(names) || names.length !== 2 || !names.every((name) => typeof name === 'string')) {
    throw new InvalidHint(`"validityColumnNames" of ${place} takes two names: [from, to].`, { names })
  }
  const [from, to] = names as [string, string]
  const version = given.rowVersionColumnName ?? '_dlt_id'
  const boundary = timestampText(given.boundaryTimestamp, `"boundaryTimestamp" of ${place}`)
  return {
    hints: { ...hints, ...(boundary === null ? {} : { 'x-boundary-timestamp': boundary }) },
    columns: [
      { name: from, data_type: 'timestamp', nullable: true, 'x-valid-from': true },
      {
        name: to,
        data_type: 'timestamp',
        nullable: true,
        'x-valid-to': true,
        'x-active-record-timestamp': timestampText(given.activeRecordTimestamp, `"activeRecordTimestamp" of ${place}`),
      },
      { name: version, nullable: false, 'x-row-version': true, unique: false, row_key: false },
    ],
  }
}

function timestampText(value: string | Date | null | undefined, what: string): JsonValue {
  if (value === undefined || value === null) return null
  if (value instanceof Date && !Number.isNaN(value.getTime())) return isoInstant(value.getTime())
  if (typeof value === 'string' && (tryTimestamp(value) ?? tryDate(value)) !== undefined) return value
  throw new InvalidHint(`${what} is no timestamp: ${String(value)}. It takes ISO 8601 text or a Date.`, {
    value: String(value),
  })
}
