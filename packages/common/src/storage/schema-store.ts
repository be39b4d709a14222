import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseSchema, stringifySchema } from '../schema/codec.ts'
import type { Schema } from '../schema/model.ts'
import { parseStoredSchema } from '../schema/version.ts'
import { tryReadText, writeFileAtomic } from './atomic-file.ts'
import { packagesIn } from './load-package.ts'
import type { WorkingFolder } from './folders.ts'

/** The stored schema of that name; undefined where there is none. @throws {StoredSchemaModified} the file was edited */
export async function tryReadSchema(folder: WorkingFolder, name: string): Promise<Schema | undefined> {
  const path = schemaPath(folder, name)
  const text = await tryReadText(path)
  return text === undefined ? undefined : parseStoredSchema(text)
}

export async function writeSchema(folder: WorkingFolder, schema: Schema): Promise<void> {
  await mkdir(folder.schemas, { recursive: true })
  await writeFileAtomic(schemaPath(folder, schema.name), stringifySchema(schema, { pretty: true }))
}

/**
 * The schema that the next package builds on: the stored one, or that of the newest normalized package where a crash
 * came between committing the package and storing its schema.
 */
export async function tryReadNewestSchema(folder: WorkingFolder, name: string): Promise<Schema | undefined> {
  let newest = await tryReadSchema(folder, name)
  for (const place of [folder.loaded, folder.normalized]) {
    const last = (await packagesIn(place)).at(-1)
    const text = await last?.readText('schema.json')
    if (last === undefined || text === undefined) continue
    const schema = parseSchema(text)
    if (schema.name === name && (newest === undefined || schema.version > newest.version)) newest = schema
  }
  return newest
}

function schemaPath(folder: WorkingFolder, name: string): string {
  return join(folder.schemas, `${name}.schema.json`)
}
