import { randomBytes } from 'node:crypto'
import { link, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { TransientError } from '../errors.ts'
import { hasErrorCode } from './atomic-file.ts'
import { processState, thisProcess, type ProcessIdentity } from './process-identity.ts'

/** Another process works on the same stage of the same working folder. */
export class StageLocked extends TransientError {
  override readonly code = 'stage_locked'
}

/** A lock that is held until it is released, or until its process ends. */
export interface StageLock extends AsyncDisposable {
  readonly path: string
}

/** An owner elsewhere counts as gone when it has not touched its lock for this long. */
const staleAfterMs = 60_000
const heartbeatMs = 10_000

/**
 * Takes the lock `<folder>/<stage>.lock`. A lock whose process is dead, or lives elsewhere and has been silent for a
 * minute, is taken over.
 *
 * @throws {StageLocked} says who holds it
 */
export async function lockStage(folder: string, stage: string): Promise<StageLock> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${stage}.lock`)
  const mine = besides(path)
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        await writeFile(mine, ownerText())
        // A link of a finished file appears with its content, or not at all.
        await link(mine, path)
        break
      } catch (error) {
        // Swept by another while it was still empty.
        if (hasErrorCode(error, 'ENOENT') && attempt <= 10) continue
        if (!hasErrorCode(error, 'EEXIST')) throw error
      }
      const holder = await tryReadOwner(path)
      if (holder !== undefined && (await isHeld(path, holder))) {
        throw new StageLocked(
          `Another ${stage} works on this pipeline: process ${holder.pid} on ${holder.host}, lock ${path}. ` +
            'Wait for it to end and run the command again.',
          { path, pid: holder.pid, host: holder.host },
        )
      }
      if (attempt > 10) throw new StageLocked(`The lock ${path} changes hands too fast. Try again.`, { path })
      await removeStale(path, holder)
    }
  } finally {
    await rm(mine, { force: true })
  }
  await sweepBegun(folder)
  const heartbeat = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => undefined)
  }, heartbeatMs)
  heartbeat.unref()
  return {
    path,
    async [Symbol.asyncDispose]() {
      clearInterval(heartbeat)
      await rm(path, { force: true })
    },
  }
}

/** Takes a lock that others hold for moments only: tries for ten seconds. @throws {StageLocked} */
export async function waitForLock(folder: string, name: string): Promise<StageLock> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await lockStage(folder, name)
    } catch (error) {
      if (!(error instanceof StageLocked) || attempt === 200) throw error
      await setTimeout(50)
    }
  }
}

/** Whether a file written by its owner with {@link ownerText} belongs to a process that may still live. */
export async function isOwned(path: string): Promise<boolean | undefined> {
  const owner = await tryReadOwner(path)
  return owner === undefined ? undefined : isHeld(path, owner)
}

/** Content of a file that marks a folder as owned by this process. */
export function ownerText(): string {
  return JSON.stringify(thisProcess())
}

/** A name beside the lock, for a file that is to become it, or was it. */
function besides(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}`
}

const besidesPattern = /\.lock\.[0-9a-f]{12}$/

/**
 * Removes what processes have left that were killed while they took a lock. A file without an owner goes too: who is just
 * writing it finds it gone, and begins again.
 */
async function sweepBegun(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!besidesPattern.test(name)) continue
    const path = join(folder, name)
    const owner = await tryReadOwner(path)
    if (owner === undefined || !(await isHeld(path, owner))) await rm(path, { force: true })
  }
}

async function isHeld(path: string, owner: ProcessIdentity): Promise<boolean> {
  const state = processState(owner)
  return state === 'unknown' ? isRecent(path) : state === 'alive'
}

async function isRecent(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs < staleAfterMs
  } catch {
    return false
  }
}

/** Removes the lock only if it still is the stale one: of two that find it stale, one must not remove the other's. */
async function removeStale(path: string, stale: ProcessIdentity | undefined): Promise<void> {
  const aside = besides(path)
  try {
    await rename(path, aside)
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return
    throw error
  }
  const taken = await tryReadOwner(aside)
  if (taken !== undefined && taken.uuid !== stale?.uuid) {
    // Somebody was faster and holds it by now: put it back where nobody took the place yet.
    await link(aside, path).catch(() => undefined)
  }
  await rm(aside, { force: true })
}

async function tryReadOwner(path: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined
    throw error
  }
}
