import type { NamingConvention } from '../naming/naming-convention.ts'
import type { Column, Table, TableHints } from './model.ts'

/*
 * The tables and columns that dlt keeps for itself. They are part of every schema and so of its hash: the order of the
 * columns is fixed, and a new one would go to the end.
 */

/** What dlt's tables and columns are called under one naming convention. */
export interface SystemNames {
  /** Tables and columns that begin so are dlt's, all others are data. */
  readonly prefix: string
  readonly versionTable: string
  readonly loadsTable: string
  readonly stateTable: string
  readonly rowId: string
  readonly loadId: string
  readonly parentId: string
  readonly rootId: string
  readonly listIndex: string
}

/** Follows dlt `dlt/common/schema/schema.py`, `Schema._configure_normalizers`: identifier form for all of them. */
export function systemNames(naming: NamingConvention): SystemNames {
  return {
    prefix: naming.normalizeTableIdentifier('_dlt'),
    versionTable: naming.normalizeTableIdentifier('_dlt_version'),
    loadsTable: naming.normalizeTableIdentifier('_dlt_loads'),
    stateTable: naming.normalizeTableIdentifier('_dlt_pipeline_state'),
    rowId: naming.normalizeIdentifier('_dlt_id'),
    loadId: naming.normalizeIdentifier('_dlt_load_id'),
    parentId: naming.normalizeIdentifier('_dlt_parent_id'),
    rootId: naming.normalizeIdentifier('_dlt_root_id'),
    listIndex: naming.normalizeIdentifier('_dlt_list_idx'),
  }
}

/** One row per stored version of a schema. */
export function versionTable(naming: NamingConvention): Table {
  return systemTable(
    naming,
    '_dlt_version',
    [
      ['version', 'bigint', false],
      ['engine_version', 'bigint', false],
      ['inserted_at', 'timestamp', false],
      ['schema_name', 'text', false],
      ['version_hash', 'text', false],
      ['schema', 'text', false],
    ],
    { write_disposition: 'skip', description: 'Created by DLT. Tracks schema updates' },
  )
}

/** One row per completed load. */
export function loadsTable(naming: NamingConvention): Table {
  return systemTable(
    naming,
    '_dlt_loads',
    [
      ['load_id', 'text', false, { precision: 64 }],
      ['schema_name', 'text', true],
      ['status', 'bigint', false],
      ['inserted_at', 'timestamp', false],
      ['schema_version_hash', 'text', true],
    ],
    { write_disposition: 'skip', description: 'Created by DLT. Tracks completed loads' },
  )
}

/**
 * One row per change of a pipeline's state. Added as an ordinary extracted table when a state is first sent; normalize
 * then appends `_dlt_id`.
 */
export function pipelineStateTable(naming: NamingConvention): Table {
  return systemTable(
    naming,
    '_dlt_pipeline_state',
    [
      ['version', 'bigint', false],
      ['engine_version', 'bigint', false],
      ['pipeline_name', 'text', false],
      ['state', 'text', false],
      ['created_at', 'timestamp', false],
      ['version_hash', 'text', true],
      ['_dlt_load_id', 'text', false, { precision: 64 }],
    ],
    { write_disposition: 'append', file_format: 'preferred' },
  )
}

type ColumnRow = readonly [name: string, type: Column['data_type'], nullable: boolean, hints?: Partial<Column>]

function systemTable(
  naming: NamingConvention,
  rawName: string,
  rows: readonly ColumnRow[],
  { write_disposition, ...others }: TableHints,
): Table {
  const name = naming.normalizeTableIdentifier(rawName)
  const columns = new Map<string, Column>()
  for (const [rawColumn, data_type, nullable, hints] of rows) {
    const column = naming.normalizeIdentifier(rawColumn)
    columns.set(column, { name: column, data_type: data_type ?? null, nullable, ...hints })
  }
  return { name, columns, hints: { write_disposition: write_disposition ?? null, resource: rawName, ...others } }
}
