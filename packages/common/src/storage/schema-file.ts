import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { SchemaFileFormat, SchemaFiles } from '../config/schema-settings.ts'
import { TerminalError } from '../errors.ts'
import { parseJson } from '../json/reader.ts'
import { JsonSyntaxError } from '../json/syntax-error.ts'
import { loadNaming } from '../naming/load-naming.ts'
import { decodeSchema, encodeSchema } from '../schema/codec.ts'
import { printDocument, toDocument } from '../schema/document.ts'
import type { Schema } from '../schema/model.ts'
import { withoutProcessingHints } from '../schema/processing-hints.ts'
import { InvalidSchemaDocument } from '../schema/table-codec.ts'
import { SchemaEngineTooNew } from '../schema/upgrade.ts'
import { schemaProblems, type SchemaProblem } from '../schema/validate.ts'
import { printYaml, readYaml, YamlSyntaxError, type ReadDocument } from '../schema/yaml.ts'
import { tryReadText, writeFileAtomic } from './small-file.ts'

/*
 * `<name>.schema.yaml` or `.json`: schemas for people. The form is dlt's (`dlt/common/storages/schema_storage.py`), so
 * that a file can be taken from one to the other.
 */

/** A schema file that people edit has mistakes: all of them are listed, each with its line. */
export class SchemaFileInvalid extends TerminalError {
  override readonly code = 'schema_file_invalid'

  constructor(
    path: string,
    problems: readonly { readonly line: number; readonly text: string }[],
    options?: ErrorOptions,
  ) {
    const lines = problems.map(({ line, text }) => `  ${path}, line ${line}: ${text}`)
    super(
      `The schema file ${path} cannot be imported. Correct it, or take it away to go on with the stored schema:\n` +
        lines.join('\n'),
      { path, problems },
      options,
    )
  }
}

/** Where the file of a schema is. */
export function schemaFilePath(folder: string, name: string, format: SchemaFileFormat): string {
  return join(folder, `${name}.schema.${format}`)
}

/**
 * Reads and checks the file of a schema; undefined where there is none. Loads the naming convention that it names.
 *
 * @throws {SchemaFileInvalid}
 * @throws {UnknownNamingConvention}
 */
export async function tryReadSchemaFile(
  folder: string,
  name: string,
  format: SchemaFileFormat,
): Promise<Schema | undefined> {
  const path = schemaFilePath(folder, name, format)
  const text = await tryReadText(path)
  if (text === undefined) return undefined
  const { document, lineOf } = await parseFile(text, format, path)
  const refuse = (problems: readonly SchemaProblem[], options?: ErrorOptions): SchemaFileInvalid =>
    new SchemaFileInvalid(
      path,
      problems.map(({ path: place, text: problem }) => ({ line: lineOf(place), text: problem })),
      options,
    )
  let schema: Schema
  try {
    schema = decodeSchema(document)
  } catch (cause) {
    if (cause instanceof SchemaEngineTooNew)
      throw refuse([{ path: ['engine_version'], text: cause.message }], { cause })
    if (!(cause instanceof InvalidSchemaDocument)) throw cause
    throw refuse([{ path: cause.path, text: cause.problem }], { cause })
  }
  if (typeof schema.normalizers.names === 'string') await loadNaming(schema.normalizers.names)
  const problems = schemaProblems(schema)
  if (schema.name !== name) {
    problems.unshift({ path: ['name'], text: `it calls itself "${schema.name}", the file's name says "${name}"` })
  }
  if (problems.length > 0) throw refuse(problems)
  return schema
}

async function parseFile(text: string, format: SchemaFileFormat, path: string): Promise<ReadDocument> {
  try {
    if (format === 'yaml') return await readYaml(text)
    const document = toDocument(parseJson(text))
    // Most JSON is YAML, too, and the lines of the same text are the same.
    const { lineOf } = await readYaml(text).catch(() => ({ lineOf: () => 1 }))
    return { document, lineOf }
  } catch (cause) {
    if (cause instanceof YamlSyntaxError) {
      throw new SchemaFileInvalid(path, [{ line: cause.line, text: cause.message }], { cause })
    }
    if (!(cause instanceof JsonSyntaxError)) throw cause
    const line = text.slice(0, cause.offset).split('\n').length
    throw new SchemaFileInvalid(path, [{ line, text: cause.reason }], { cause })
  }
}

/** Writes the file of a schema, so that a reader sees the old or the new one. Makes the folder. */
export async function writeSchemaFile(folder: string, schema: Schema, files: SchemaFiles): Promise<void> {
  const document = encodeSchema(schema, { removeDefaults: files.removeDefaults })
  await mkdir(folder, { recursive: true })
  const text = files.format === 'yaml' ? await printYaml(document) : printDocument(document, true)
  await writeFileAtomic(schemaFilePath(folder, schema.name, files.format), text)
}

/** Copies a schema to the export folder, if there is one; without notes of the stages where it is the import's, too. */
export async function exportSchema(schema: Schema, files: SchemaFiles): Promise<void> {
  const { importPath, exportPath } = files
  if (exportPath === undefined) return
  await writeSchemaFile(exportPath, exportPath === importPath ? withoutProcessingHints(schema) : schema, files)
}
