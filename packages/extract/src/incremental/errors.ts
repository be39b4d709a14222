import { TerminalError } from '@gantry/common'

/*
 * What can be wrong with a cursor while rows are extracted; names are dlt's (`dlt/extract/incremental/exceptions.py`).
 */

/** A row has no value at the cursor path. */
export class IncrementalCursorPathMissing extends TerminalError {
  override readonly code = 'incremental_cursor_path_missing'

  constructor(details: { readonly resource: string; readonly cursorPath: string; readonly row: number }) {
    super(
      `Row ${details.row} of resource "${details.resource}" has no "${details.cursorPath}", which is the cursor. Name the ` +
        "field as the rows do, not as the table does; or let such rows in or out with onCursorValueMissing: 'include' or 'exclude'.",
      details,
    )
  }
}

/** A row has null, or a number that is not finite, at the cursor path. */
export class IncrementalCursorPathHasValueNone extends TerminalError {
  override readonly code = 'incremental_cursor_path_has_value_none'

  constructor(details: { readonly resource: string; readonly cursorPath: string; readonly row: number }) {
    super(
      `Row ${details.row} of resource "${details.resource}" has null in "${details.cursorPath}", which is the cursor. Let ` +
        "such rows in or out with onCursorValueMissing: 'include' or 'exclude'.",
      details,
    )
  }
}

/** The cursor of a row cannot be compared with the value that it is held against. */
export class IncrementalCursorInvalidCoercion extends TerminalError {
  override readonly code = 'incremental_cursor_invalid_coercion'

  constructor(
    details: {
      readonly resource: string
      readonly cursorPath: string
      readonly row: number
      /** What it is held against: `startValue` or `endValue`. */
      readonly bound: string
    },
    cause: unknown,
  ) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    super(
      `Row ${details.row} of resource "${details.resource}": "${details.cursorPath}" cannot be compared with the ` +
        `${details.bound}: ${reason}. Give initialValue and endValue in the type of the rows, or change the rows before ` +
        'they are yielded. A cursor of another type in the state is gone after a refresh.',
      details,
      { cause },
    )
  }
}

/** A row that is compared by its key lacks a field of it. */
export class IncrementalPrimaryKeyMissing extends TerminalError {
  override readonly code = 'incremental_primary_key_missing'

  constructor(details: { readonly resource: string; readonly key: string }) {
    super(
      `A row of resource "${details.resource}" has no "${details.key}", which is part of the key that tells rows with the ` +
        'same cursor apart. Name the field as the rows do, or give incremental() a primaryKey of its own; [] turns it off.',
      details,
    )
  }
}

/** The interval of an external scheduler cannot become bounds of the cursor. */
export class JoinSchedulerError extends TerminalError {
  override readonly code = 'join_scheduler_error'

  constructor(resource: string, reason: string) {
    super(`The cursor of resource "${resource}" cannot take the scheduler's interval: ${reason}`, { resource })
  }
}

/** A cursor that takes its bounds from an external scheduler finds none. */
export class ExternalSchedulerNotAvailable extends TerminalError {
  override readonly code = 'external_scheduler_not_available'

  constructor(resource: string) {
    super(
      `Resource "${resource}" has allowExternalSchedulers, but no scheduler gives an interval. Set DLT_INTERVAL_START and ` +
        'DLT_INTERVAL_END to times such as 2024-05-01T00:00:00Z.',
      { resource },
    )
  }
}
