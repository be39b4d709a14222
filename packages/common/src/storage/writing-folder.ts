import { randomBytes } from 'node:crypto'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hasErrorCode, namesIn, tryReadText, writeFileAtomic } from './small-file.ts'
import { commitPackage, packagesIn, type LoadPackage } from './load-package.ts'
import { isOwned, ownerText } from './stage-lock.ts'

/*
 * The folder in which an extract writes its packages, beside `extracted/` as dlt has it: 16 hexadecimal digits. It is
 * marked with its owner, so that what a killed extract left can be told from Python dlt's folders, which stay. A package
 * appears by one rename. Where there are several, one for each schema, a second mark says that all of them are complete:
 * from then on whoever finds the folder without its owner brings the rest to their place, so that they come together.
 */

const ownerFile = 'owner.json'
const commitFile = 'commit'

/** @param parent  folder of the normalize stage */
export function createWritingFolder(parent: string): string {
  const name = randomBytes(8).toString('hex')
  const aside = join(parent, `.${name}`)
  mkdirSync(aside, { recursive: true })
  // The owner's mark is in it before it has its name, so a folder without one was never Gantry's.
  writeFileSync(join(aside, ownerFile), ownerText())
  const path = join(parent, name)
  renameSync(aside, path)
  return path
}

/** Commits complete packages of a writing folder: all of them, or none. @returns the packages at their new place */
export async function commitTogether(
  writing: string,
  packages: readonly LoadPackage[],
  toFolder: string,
): Promise<LoadPackage[]> {
  if (packages.length > 1) await writeFileAtomic(join(writing, commitFile), '')
  const committed: LoadPackage[] = []
  for (const package_ of packages) committed.push(await commitPackage(package_, toFolder))
  return committed
}

/**
 * Brings packages to their place that were being committed together when their extract died.
 *
 * @param isLocked  the caller holds the lock of extract, so that no writing folder has an owner
 */
export async function finishCommits(parent: string, toFolder: string, isLocked = false): Promise<void> {
  for (const name of await namesIn(parent)) {
    const path = join(parent, name)
    if (!isWritingFolder(name) || !(await isCommitting(path))) continue
    if (!isLocked && (await isOwned(join(path, ownerFile))) !== false) continue
    for (const package_ of await packagesIn(path)) {
      try {
        await commitPackage(package_, toFolder)
      } catch (error) {
        // Two may find the folder at the same time.
        if (!hasErrorCode(error, 'ENOENT')) throw error
      }
    }
    await rm(path, { recursive: true, force: true })
  }
}

/** Removes the folder of an extract that is over, unless packages that were being committed are left in it. */
export async function closeWritingFolder(path: string): Promise<void> {
  if ((await isCommitting(path)) && (await packagesIn(path)).length > 0) return
  await rm(path, { recursive: true, force: true })
}

/** Removes what killed extracts of Gantry left; folders without an owner's mark are Python dlt's and stay. */
export async function sweepWritingFolders(parent: string): Promise<void> {
  for (const name of await namesIn(parent)) {
    const path = join(parent, name)
    const isUnfinishedMark = /^\.[0-9a-f]{16}$/.test(name)
    const isDead = isWritingFolder(name) && (await isOwned(join(path, ownerFile))) === false
    if (isUnfinishedMark || isDead) await rm(path, { recursive: true, force: true })
  }
}

function isWritingFolder(name: string): boolean {
  return /^[0-9a-f]{16}$/.test(name)
}

async function isCommitting(path: string): Promise<boolean> {
  return (await tryReadText(join(path, commitFile))) !== undefined
}
