import { namingConvention, type Capabilities, type NamingConvention, type Schema } from '@gantry/common'

/**
 * The naming convention for names that come from data. Schemas that were upgraded from engine 10 treat a key such as
 * `a__b` as one name, all others as a path (`use_break_path_on_normalize`).
 */
export function dataNaming(schema: Schema, capabilities: Capabilities): NamingConvention {
  const naming = namingConvention(schema.normalizers.names, capabilities.maxIdentifierLength)
  if (schema.normalizers.use_break_path_on_normalize !== false) return naming
  return {
    ...naming,
    normalizePath: (path) => naming.normalizeIdentifier(path),
    normalizeTablesPath: (path) => naming.normalizeTableIdentifier(path),
  }
}
