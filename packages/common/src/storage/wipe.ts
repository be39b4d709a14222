import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { WorkingFolder } from './folders.ts'
import { namesIn } from './small-file.ts'
import { schemaBasesPath } from './schema-bases.ts'
import { lockStage, type StageLock } from './stage-lock.ts'

/**
 * Removes all that a working folder holds but locks: packages, schemas, and the state, which goes last, so that whoever
 * finds half of it knows that there was something.
 */
export async function wipeWorkingFolder(folder: WorkingFolder): Promise<void> {
  const kept = new Set([basename(folder.private), basename(folder.state)])
  for (const name of await namesIn(folder.root)) {
    if (!kept.has(name)) await rm(join(folder.root, name), { recursive: true, force: true })
  }
  await rm(schemaBasesPath(folder), { force: true })
  await rm(folder.state, { force: true })
}

/**
 * Takes the locks of all stages, so that nobody works in the folder.
 *
 * @throws {StageLocked}
 */
export async function lockAllStages(folder: WorkingFolder): Promise<AsyncDisposable> {
  const locks: StageLock[] = []
  const release = async (): Promise<void> => {
    for (const lock of locks.toReversed()) await lock[Symbol.asyncDispose]()
  }
  try {
    for (const stage of ['extract', 'normalize', 'load']) locks.push(await lockStage(folder.private, stage))
    return { [Symbol.asyncDispose]: release }
  } catch (error) {
    await release()
    throw error
  }
}
