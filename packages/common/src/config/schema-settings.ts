import { resolve } from 'node:path'
import type { Capabilities } from '../destination/capabilities.ts'
import { choiceOf, flagOf, textOf } from './coerce.ts'
import type { Configuration } from './configuration.ts'
import { pipelineSetting } from './pipeline-settings.ts'
import type { Setting } from './provider.ts'

/** What is asked for about names and nesting in a schema; what is not set stays as the schema has it. */
export interface NormalizerSettings {
  /** Reference of a naming convention: a built-in name, or a module of the user's. */
  readonly naming?: string
  readonly maxNesting?: number
  readonly allowIdentifierChangeOnTableWithData?: boolean
  readonly useBreakPathOnNormalize?: boolean
}

/**
 * The settings of `[schema]` for one schema: `SOURCES__<SCHEMA>__SCHEMA__…`, then
 * `SOURCES__SCHEMA__…`, then `SCHEMA__…`; else what the destination asks for
 * (dlt `dlt/common/schema/normalizers.py`, `configured_normalizers` and `import_normalizers`).
 *
 * @throws {InvalidUsage} a value that is neither true nor false
 */
export function normalizerSettings(
  schemaName: string,
  configuration: Configuration,
  { namingConvention, maxTableNesting }: Pick<Capabilities, 'namingConvention' | 'maxTableNesting'>,
): NormalizerSettings {
  const sections = [['sources', schemaName, 'schema'], ['sources', 'schema'], ['schema']]
  const find = (key: string): Setting | undefined => configuration.find(key, sections)
  const naming = textOf(find('naming')) ?? namingConvention
  const allow = flagOf(find('allow_identifier_change_on_table_with_data'))
  const breakPath = flagOf(find('use_break_path_on_normalize'))
  return {
    ...(naming === undefined ? {} : { naming }),
    ...(maxTableNesting === undefined ? {} : { maxNesting: maxTableNesting }),
    ...(allow === undefined ? {} : { allowIdentifierChangeOnTableWithData: allow }),
    ...(breakPath === undefined ? {} : { useBreakPathOnNormalize: breakPath }),
  }
}

const schemaFileFormats = ['yaml', 'json'] as const

export type SchemaFileFormat = (typeof schemaFileFormats)[number]

/** Where schemas lie for people to read and edit, and in which form. */
export interface SchemaFiles {
  /** Folder of schemas that overrule the stored ones. Absolute. */
  readonly importPath?: string
  /** Folder to which schemas are copied when they are stored. Absolute. */
  readonly exportPath?: string
  readonly format: SchemaFileFormat
  /** Names of tables and columns are left out, as they stand as keys. */
  readonly removeDefaults: boolean
}

/** What a stage is told about schema files; the rest is configured. */
export interface SchemaFilesRequest {
  readonly importSchemaPath?: string | undefined
  readonly exportSchemaPath?: string | undefined
}

/**
 * The folders of schema files: as requested, else `IMPORT_SCHEMA_PATH` and `EXPORT_SCHEMA_PATH`, which may stand under
 * `PIPELINES__<NAME>__`, `PIPELINES__` and `SCHEMA__`, too. Relative ones are resolved against the current folder.
 * `SCHEMA__EXTERNAL_SCHEMA_FORMAT` is `yaml` (default) or `json`
 * (dlt `dlt/common/storages/configuration.py`, `SchemaStorageConfiguration`).
 *
 * @throws {InvalidUsage} another format
 */
export function schemaFiles(request: SchemaFilesRequest, configuration: Configuration): SchemaFiles {
  const path = (key: string, given: string | undefined): string | undefined => {
    const found = given ?? textOf(pipelineSetting(key, configuration) ?? configuration.find(key, [['schema']]))
    return found === undefined ? undefined : resolve(found)
  }
  const importPath = path('import_schema_path', request.importSchemaPath)
  const exportPath = path('export_schema_path', request.exportSchemaPath)
  const find = (key: string): Setting | undefined => configuration.find(key, [['schema'], []])
  return {
    ...(importPath === undefined ? {} : { importPath }),
    ...(exportPath === undefined ? {} : { exportPath }),
    format: choiceOf(find('external_schema_format'), schemaFileFormats) ?? 'yaml',
    removeDefaults: flagOf(find('external_schema_format_remove_defaults')) ?? true,
  }
}
