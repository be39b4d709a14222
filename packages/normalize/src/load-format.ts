import { IncompatibleLoadFormat, inheritedHint, type Capabilities, type Schema } from '@gantry/common'
import { formatWriters, type WritableFormat } from './writers/open-writer.ts'

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
    throw new IncompatibleLoadFormat(destination, wanted, formats)
  }
  const own = schema.tables.has(rootTable) ? inheritedHint(schema, rootTable, 'file_format') : undefined
  const preferred = known(preferredFormat) ?? formats[0]!
  return known(own) ?? (own === 'preferred' ? preferred : (known(wanted) ?? preferred))
}
