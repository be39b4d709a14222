import type { NormalizerSettings, SchemaFiles } from '../config/schema-settings.ts'
import type { Logger } from '../log.ts'
import { loadNaming } from '../naming/load-naming.ts'
import { namingConvention } from '../naming/open.ts'
import { changeNaming } from '../schema/change-naming.ts'
import type { Schema } from '../schema/model.ts'
import { newSchema } from '../schema/new-schema.ts'
import { normalizerHints, withoutProcessingHints } from '../schema/processing-hints.ts'
import { systemNames } from '../schema/system-tables.ts'
import { applyImport, bumpVersion } from '../schema/version.ts'
import { tryReadText } from './small-file.ts'
import type { WorkingFolder } from './folders.ts'
import { schemaFilePath, tryReadSchemaFile, writeSchemaFile } from './schema-file.ts'
import { changeStoredSchema } from './schema-store.ts'

/** What decides, besides what is stored, which schema an extract begins with. */
export interface OpenSchemaOptions {
  readonly files: SchemaFiles
  readonly settings: NormalizerSettings
  /** The destination's limit for names. */
  readonly maxIdentifierLength?: number | undefined
  readonly log: Logger
}

/**
 * The schema that an extract begins with: the stored one, or the import's where the import has changed since it was last
 * made; a new one where there is neither. Names are those of the convention that is configured. What this changes is
 * stored at once.
 *
 * @throws {SchemaFileInvalid}
 * @throws {TableIdentifiersFrozen}
 * Follows dlt `dlt/common/storages/schema_storage.py`, `SchemaStorage.load_schema`.
 */
export async function openSchema(folder: WorkingFolder, name: string, options: OpenSchemaOptions): Promise<Schema> {
  const { files, settings, maxIdentifierLength, log } = options
  const imported =
    files.importPath === undefined ? undefined : await tryReadSchemaFile(files.importPath, name, files.format)
  const opened = await changeStoredSchema(
    folder,
    name,
    async (newest) => {
      if (newest !== undefined) await loadNaming(newest.normalizers.names)
      let schema = newest
      if (imported !== undefined) {
        schema = applyImport(imported, newest)
        if (schema !== newest) reportImport(schema, newest, files, log)
      } else if (files.importPath !== undefined && newest?.imported_version_hash != null) {
        // The file is gone, so the schema is written there again, and that is what it is linked to then.
        const { imported_version_hash: _, ...unlinked } = newest
        schema = unlinked
      }
      return schema === undefined ? undefined : configureNormalizers(schema, settings, maxIdentifierLength)
    },
    files,
  )
  return opened ?? (await freshSchema(name, options))
}

/** The schema of a source that has never run: the import's, or a new one. Nothing is stored. @throws {SchemaFileInvalid} */
export async function freshSchema(name: string, options: OpenSchemaOptions): Promise<Schema> {
  const { files, settings, maxIdentifierLength } = options
  const imported =
    files.importPath === undefined ? undefined : await tryReadSchemaFile(files.importPath, name, files.format)
  if (imported !== undefined)
    return configureNormalizers(applyImport(imported, undefined), settings, maxIdentifierLength)
  const reference = settings.naming ?? defaultNaming
  await loadNaming(reference)
  return configureNormalizers(
    newSchema(name, namingConvention(reference, maxIdentifierLength)),
    settings,
    maxIdentifierLength,
  )
}

const defaultNaming = 'snake_case'

/**
 * The schema with the names of the convention that is asked for, else with its own, and the nesting that is asked for; the
 * very same schema where nothing changes. Loads the conventions that are needed.
 *
 * @throws {TableIdentifiersFrozen}
 */
export async function configureNormalizers(
  schema: Schema,
  settings: NormalizerSettings,
  maxIdentifierLength: number | undefined,
): Promise<Schema> {
  const { naming, allowIdentifierChangeOnTableWithData: allow, useBreakPathOnNormalize: breakPath } = settings
  const reference = naming ?? schema.normalizers.names
  await loadNaming(schema.normalizers.names, reference)
  const { normalizers } = schema
  const set = {
    ...(allow === undefined ? {} : { allow_identifier_change_on_table_with_data: allow }),
    ...(breakPath === undefined ? {} : { use_break_path_on_normalize: breakPath }),
  }
  const isSet = Object.entries(set).every(([key, value]) => normalizers[key] === value)
  const named = isSet ? schema : { ...schema, normalizers: { ...normalizers, ...set } }
  const configured = withMaxNesting(named, settings.maxNesting)
  return changeNaming(configured, namingConvention(reference, maxIdentifierLength))
}

function withMaxNesting(schema: Schema, maxNesting: number | undefined): Schema {
  const { normalizers } = schema
  const { json } = normalizers
  if (maxNesting === undefined || json.config?.max_nesting === maxNesting) return schema
  const config = { ...json.config, max_nesting: maxNesting }
  return { ...schema, normalizers: { ...normalizers, json: { ...json, config } } }
}

function reportImport(schema: Schema, replaced: Schema | undefined, files: SchemaFiles, log: Logger): void {
  const path = schemaFilePath(files.importPath ?? '', schema.name, files.format)
  const noted = [...schema.tables.values()].filter((table) => table.hints['x-normalizer'] !== undefined)
  if (noted.length > 0) {
    const tables = noted.map((table) => table.name)
    log.warn(
      { tables },
      `The schema file ${path} holds x-normalizer hints, by which Gantry notes what it has done: ${tables.join(', ')}. ` +
        'Take them out, unless the data is at the destination already.',
    )
  }
  if (replaced === undefined) {
    log.info({ schema: schema.name, file: path }, `Schema "${schema.name}" was imported from ${path}`)
    return
  }
  const { prefix } = systemNames(namingConvention(replaced.normalizers.names))
  const withData = [...replaced.tables.values()]
    .filter((table) => normalizerHints(table)['seen-data'] === true && !table.name.startsWith(prefix))
    .map((table) => table.name)
  const advice =
    withData.length === 0
      ? ''
      : ` At the destination, columns of tables with data stay as they are: ${withData.join(', ')}.`
  log.warn(
    { schema: schema.name, file: path, version: schema.version, tables: withData },
    `The stored schema "${schema.name}" was replaced by ${path}, which has changed.${advice}`,
  )
}

/**
 * The schema, linked to the import file that {@link writeMissingImport} is about to make; as it is where the file is
 * there or no import is wanted.
 */
export async function linkToMissingImport(schema: Schema, files: SchemaFiles): Promise<Schema> {
  if (!(await isImportMissing(schema, files))) return schema
  return { ...schema, imported_version_hash: bumpVersion(withoutProcessingHints(schema)).version_hash }
}

/** Writes the schema into the import folder, if it has no file there: something to begin editing with. */
export async function writeMissingImport(schema: Schema, files: SchemaFiles): Promise<void> {
  if (files.importPath === undefined || !(await isImportMissing(schema, files))) return
  await writeSchemaFile(files.importPath, bumpVersion(withoutProcessingHints(schema)), files)
}

async function isImportMissing(schema: Schema, { importPath, format }: SchemaFiles): Promise<boolean> {
  return importPath !== undefined && (await tryReadText(schemaFilePath(importPath, schema.name, format))) === undefined
}
