import { randomBytes } from 'node:crypto'
import { closeSync, fsync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

/*
 * The small files that say how far a pipeline is. They are read and written at once: a trip to Node's threads takes longer
 * than a few kilobytes, and a small run makes hundreds. What waits for the disk, a flush, does not hold up the caller.
 */

const flush = promisify(fsync)

/**
 * Replaces a file's content so that a crash leaves the old or the new content, never a torn one: written aside in the
 * same folder, flushed to disk, renamed over the target, folder flushed.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const aside = join(dirname(path), `.${randomBytes(8).toString('hex')}.tmp`)
  try {
    await flushed(aside, 'wx', (file) => writeFileSync(file, content))
    renameSync(aside, path)
  } catch (error) {
    rmSync(aside, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** Flushes a folder's entries, so that a rename or creation in it survives a power cut. */
export function syncFolder(path: string): Promise<void> {
  return flushed(path, 'r')
}

async function flushed(path: string, flags: string, write?: (file: number) => void): Promise<void> {
  const file = openSync(path, flags)
  try {
    write?.(file)
    await flush(file)
  } finally {
    closeSync(file)
  }
}

/** The file's text; undefined where there is none. */
export async function tryReadText(path: string): Promise<string | undefined> {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Names in a folder; none where the folder is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return []
    throw error
  }
}

/** True for an error of the system with that code, such as `ENOENT`. */
export function hasErrorCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '')
}
