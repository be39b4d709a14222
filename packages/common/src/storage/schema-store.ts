import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { SchemaFiles } from '../config/schema-settings.ts'
import { TerminalError } from '../errors.ts'
import { loadNaming } from '../naming/load-naming.ts'
import { parseSchema, stringifySchema } from '../schema/codec.ts'
import { combineSchemas } from '../schema/combine.ts'
import type { Schema } from '../schema/model.ts'
import { bumpVersion, parseStoredSchema } from '../schema/version.ts'
import { namesIn, tryReadText, writeFileAtomic } from './small-file.ts'
import { packagesIn, type LoadPackage } from './load-package.ts'
import type { WorkingFolder } from './folders.ts'
import { readPackageState } from './package-state.ts'
import { readSchemaBase, writeSchemaBase } from './schema-bases.ts'
import { exportSchema } from './schema-file.ts'
import { waitForLock } from './stage-lock.ts'

/** The stored schema of that name; undefined where there is none. @throws {StoredSchemaModified} the file was edited */
export async function tryReadSchema(folder: WorkingFolder, name: string): Promise<Schema | undefined> {
  const path = schemaPath(folder, name)
  const text = await tryReadText(path)
  return text === undefined ? undefined : parseStoredSchema(text)
}

/**
 * Stores a schema, together with what another stage has stored meanwhile: extract and normalize may work on one pipeline
 * at the same time.
 *
 * @param hintsFrom  whose hints of tables count: those given now, or the stored ones
 * @param files  where a copy for people goes
 */
export async function storeSchema(
  folder: WorkingFolder,
  schema: Schema,
  hintsFrom: 'given' | 'stored',
  files?: SchemaFiles,
): Promise<void> {
  await mkdir(folder.schemas, { recursive: true })
  await using _lock = await waitForLock(folder.private, 'schemas')
  const stored = await tryReadSchema(folder, schema.name)
  // Its names may have to be rewritten by the convention of the other.
  if (stored !== undefined) await loadNaming(stored.normalizers.names, schema.normalizers.names)
  const combined =
    stored === undefined
      ? schema
      : hintsFrom === 'given'
        ? combineSchemas(stored, schema)
        : combineSchemas(schema, stored)
  await writeSchema(folder, bumpVersion(combined), files)
}

/**
 * Changes the schema that the next package builds on, while no other stage stores one.
 *
 * @param change  gets the newest schema, undefined where there is none; what it returns is stored, unless it is the same
 * @returns what `change` returned, with the version that fits it
 */
export async function changeStoredSchema(
  folder: WorkingFolder,
  name: string,
  change: (newest: Schema | undefined) => Promise<Schema | undefined>,
  files?: SchemaFiles,
): Promise<Schema | undefined> {
  await mkdir(folder.schemas, { recursive: true })
  await using _lock = await waitForLock(folder.private, 'schemas')
  const newest = await tryReadNewestSchema(folder, name)
  const changed = await change(newest)
  if (changed === undefined || changed === newest) return newest
  const bumped = bumpVersion(changed)
  await writeSchema(folder, bumped, files)
  return bumped
}

/**
 * Stores a schema in place of whatever there is, also where its number is smaller. Packages before `since` no longer say
 * anything about it.
 */
export async function replaceStoredSchema(
  folder: WorkingFolder,
  schema: Schema,
  since: string,
  files?: SchemaFiles,
): Promise<void> {
  await mkdir(folder.schemas, { recursive: true })
  await using _lock = await waitForLock(folder.private, 'schemas')
  await writeSchema(folder, bumpVersion(schema), files)
  // Last: without the note, whoever finds a package that replaces the schema does this again.
  await writeSchemaBase(folder, schema.name, since)
}

/**
 * Stores the schemas of extracted packages that drop tables, where a crash came between committing the package and
 * storing its schema: what is stored still has those tables.
 */
export async function settleReplacedSchemas(folder: WorkingFolder): Promise<void> {
  for (const package_ of await packagesIn(folder.extracted)) {
    const dropped = (await readPackageState(package_)).get('dropped_tables')
    if (!Array.isArray(dropped) || dropped.length === 0) continue
    const schema = await readPackageSchema(package_)
    if ((await readSchemaBase(folder, schema.name)) >= package_.loadId) continue
    await replaceStoredSchema(folder, schema, package_.loadId)
  }
}

/** Names of the schemas that are stored. */
export async function storedSchemaNames(folder: WorkingFolder): Promise<string[]> {
  const names = (await namesIn(folder.schemas)).filter((name) => name.endsWith(suffix))
  return names.map((name) => name.slice(0, -suffix.length)).toSorted()
}

export async function removeStoredSchema(folder: WorkingFolder, name: string): Promise<void> {
  await rm(schemaPath(folder, name), { force: true })
}

const suffix = '.schema.json'

async function writeSchema(folder: WorkingFolder, schema: Schema, files: SchemaFiles | undefined): Promise<void> {
  await writeFileAtomic(schemaPath(folder, schema.name), stringifySchema(schema, { pretty: true }))
  if (files !== undefined) await exportSchema(schema, files)
}

/**
 * The schema that the next package builds on: the stored one, or that of the newest normalized package where a crash
 * came between committing the package and storing its schema.
 */
export async function tryReadNewestSchema(folder: WorkingFolder, name: string): Promise<Schema | undefined> {
  let newest = await tryReadSchema(folder, name)
  const base = await readSchemaBase(folder, name)
  for (const place of [folder.loaded, folder.normalized]) {
    const last = (await packagesIn(place)).at(-1)
    if (last === undefined || last.loadId < base) continue
    const text = await last.readText('schema.json')
    if (text === undefined) continue
    const schema = parseSchema(text)
    if (schema.name === name && (newest === undefined || schema.version > newest.version)) newest = schema
  }
  return newest
}

/** A package without `schema.json`: nobody can tell what its files hold. */
export class PackageWithoutSchema extends TerminalError {
  override readonly code = 'package_without_schema'
}

/** The schema that a package carries. @throws {PackageWithoutSchema} */
export async function readPackageSchema(package_: LoadPackage): Promise<Schema> {
  const text = await package_.readText('schema.json')
  if (text !== undefined) return parseSchema(text)
  throw new PackageWithoutSchema(
    `Package ${package_.loadId} has no schema.json. Restore it, or remove ${package_.dir}.`,
    { path: package_.dir },
  )
}

function schemaPath(folder: WorkingFolder, name: string): string {
  return join(folder.schemas, `${name}${suffix}`)
}
