import type { ConfigSpec } from '../config/config-value.ts'
import { TerminalError } from '../errors.ts'
import type { Table } from '../schema/model.ts'
import type { Capabilities } from './capabilities.ts'

/** The type of all sinks, as references have it. */
export const sinkType = 'destination'

/** What the function of a sink gets beside rows and table. */
export interface SinkContext<Config = unknown> {
  /** The values that the sink declares as `config`; empty where it declares none. */
  readonly config: Config
  /** Aborted: the load is to stop. What the function then throws is not counted as an attempt. */
  readonly signal: AbortSignal
}

/**
 * A row as a sink gets it: the fields that are not null, under the names that the table has them by, in the row's order.
 * Nothing is rounded. By the column's type:
 *
 * - `text`, `bool`: text, boolean
 * - `bigint`: a number as long as that is exact, that is up to 2^53, else a bigint
 * - `wei`: a bigint; text where there is a fraction
 * - `double`: a number
 * - `decimal`: text with all its digits, `'1.50'`
 * - `timestamp`: text in ISO 8601 to the microsecond, `'2024-05-01T12:00:00.123456+00:00'`; without an offset where the
 *   column has no zone. `date`: `'2024-05-01'`. `time`: `'12:00:00.123456'`
 * - `binary`: a `Uint8Array`
 * - `json`: objects and lists of such values
 */
export type SinkRow = Record<string, unknown>

/** What becomes of a batch: once it has returned, or what it returns has settled, its rows count as done. */
export type SinkFunction<Items, Config = unknown> = (
  items: Items,
  table: Table,
  context: SinkContext<Config>,
) => unknown

/** What a sink is made of. */
export interface Sink {
  readonly capabilities: Capabilities
  /** 0: whole files. */
  readonly batchSize: number
  readonly skipDltColumnsAndTables: boolean
  readonly config: ConfigSpec
  /** Gets rows, or the absolute path of a file. */
  readonly fn: SinkFunction<SinkRow[] | string>
}

/** A declared sink: what `destination` of a pipeline takes, and what a module may export for `--destination`. */
export interface SinkDeclaration {
  readonly type: typeof sinkType
  readonly name: string
  readonly sink: Sink
}

/**
 * A load has failed for good: thrown by the function of a sink, it fails the file at once, where any other error has it
 * tried again.
 */
export class DestinationTerminalException extends TerminalError {
  override readonly code = 'destination_terminal_exception'
}
