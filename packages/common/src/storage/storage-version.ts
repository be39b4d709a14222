import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { TerminalError } from '../errors.ts'
import { tryReadText, writeFileAtomic } from './small-file.ts'

/** The working folder was written by a newer version of dlt or Gantry. */
export class NoMigrationPath extends TerminalError {
  override readonly code = 'no_migration_path'
}

/** Versions of the two storages, as dlt 1.26 writes them into `.version`. */
export const storageVersions = { normalize: '1.0.1', load: '1.0.0' } as const

/**
 * Makes the storage's folder with its `.version` file, or checks the one that is there.
 *
 * @throws {NoMigrationPath} the folder is newer than this program
 */
export async function openStorage(folder: string, version: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, '.version')
  const found = (await tryReadText(path))?.trim()
  if (found === version) return
  if (found !== undefined && isNewer(found, version)) {
    throw new NoMigrationPath(
      `${folder} has storage version ${found}, this version of Gantry knows ${version}. Update Gantry.`,
      { folder, found, known: version },
    )
  }
  await writeFileAtomic(path, version)
}

function isNewer(found: string, known: string): boolean {
  const a = found.split('.').map(Number)
  const b = known.split('.').map(Number)
  for (let part = 0; part < 3; part++) {
    if ((a[part] ?? 0) !== (b[part] ?? 0)) return (a[part] ?? 0) > (b[part] ?? 0)
  }
  return false
}
