import { join } from 'node:path'
import { tryReadText, writeFileAtomic } from './small-file.ts'
import type { WorkingFolder } from './folders.ts'

/*
 * A schema that was replaced, by a refresh or by what a destination has, may be older by its number than those that
 * packages of before carry. So beside the stored schemas it is noted since when packages count.
 */

/** Where the notes are: a load id by schema. */
export function schemaBasesPath(folder: WorkingFolder): string {
  return join(folder.private, 'schema-bases.json')
}

/** Packages with smaller load ids say nothing about the schema any more. Empty text where all count. */
export async function readSchemaBase(folder: WorkingFolder, schema: string): Promise<string> {
  return (await readBases(folder)).get(schema) ?? ''
}

/** Only for who holds the lock of the schemas. */
export async function writeSchemaBase(folder: WorkingFolder, schema: string, loadId: string): Promise<void> {
  const bases = await readBases(folder)
  bases.set(schema, loadId)
  await writeFileAtomic(schemaBasesPath(folder), JSON.stringify(Object.fromEntries(bases)))
}

async function readBases(folder: WorkingFolder): Promise<Map<string, string>> {
  const text = await tryReadText(schemaBasesPath(folder))
  return new Map(text === undefined ? [] : Object.entries(JSON.parse(text) as Record<string, string>))
}
