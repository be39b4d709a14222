import { inheritedHint, TerminalError, type Capabilities, type Schema } from '@gantry/common'
import { formatWriters, type WritableFormat } from './writers/open-writer.ts'

/** A load file format that the destination does not take. */
export class IncompatibleLoadFormat extends TerminalError {
  override readonly code = 'destination_incompatible_loader_file_format'
  override get exitCode(): number {
    return 2
  }
}

/**
 * The format of load files of a root table and all tables below it: the table's own `file_format` where the destination
 * takes it, else the one that was asked for, else the destination's preferred one (dlt `dlt/normalize/worker.py`).
 *
 * @throws {IncompatibleLoadFormat} the format that was asked for is unknown or not the destination's
 */
export function loadFormat(
  schema: Schema,
  rootTable: string,
  capabilities: Capabilities,
  wanted: string | undefined,
): WritableFormat {
  const { preferredFormat, supportedFormats, destination } = capabilities
  const formats = (Object.keys(formatWriters) as WritableFormat[]).filter((format) => supportedFormats.includes(format))
  const known = (name: unknown): WritableFormat | undefined => formats.find((format) => format === name)
  if (wanted !== undefined && known(wanted) === undefined) {
    throw new IncompatibleLoadFormat(
      `Destination ${destination} takes no load files of format "${wanted}". It takes: ${formats.join(', ')}.`,
      { destination, format: wanted },
    )
  }
  const own = schema.tables.has(rootTable) ? inheritedHint(schema, rootTable, 'file_format') : undefined
  return known(own) ?? (own === 'preferred' ? known(preferredFormat) : undefined) ?? known(wanted ?? preferredFormat)!
}
