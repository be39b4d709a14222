import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, renameSync, rmSync, statSync, utimes, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { TransientError } from '../errors.ts'
import { hasErrorCode, namesIn, tryReadText } from './small-file.ts'
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
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${stage}.lock`)
  const mine = besides(path)
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        writeFileSync(mine, ownerText())
        // A link of a finished file appears with its content, or not at all.
        linkSync(mine, path)
        break
      } catch (error) {
        // Swept by another while it was still empty.
        if (hasErrorCode(error, 'ENOENT') && attempt <= 10) continue
        if (!hasErrorCode(error, 'EEXIST')) throw error
      }
      const holder = await tryReadOwner(path)
      if (holder !== undefined && isHeld(path, holder)) {
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
    rmSync(mine, { force: true })
  }
  await sweepBegun(folder)
  const heartbeat = setInterval(() => {
    const now = new Date()
    utimes(path, now, now, () => undefined)
  }, heartbeatMs)
  heartbeat.unref()
  return {
    path,
    async [Symbol.asyncDispose]() {
      clearInterval(heartbeat)
      rmSync(path, { force: true })
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
  for (const name of await namesIn(folder)) {
    if (!besidesPattern.test(name)) continue
    const path = join(folder, name)
    const owner = await tryReadOwner(path)
    if (owner === undefined || !isHeld(path, owner)) rmSync(path, { force: true })
  }
}

function isHeld(path: string, owner: ProcessIdentity): boolean {
  const state = processState(owner)
  return state === 'unknown' ? isRecent(path) : state === 'alive'
}

function isRecent(path: string): boolean {
  try {
    return Date.now() - statSync(path).mtimeMs < staleAfterMs
  } catch {
    return false
  }
}

/** Removes the lock only if it still is the stale one: of two that find it stale, one must not remove the other's. */
async function removeStale(path: string, stale: ProcessIdentity | undefined): Promise<void> {
  const aside = besides(path)
  try {
    renameSync(path, aside)
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return
    throw error
  }
  const taken = await tryReadOwner(aside)
  if (taken !== undefined && taken.uuid !== stale?.uuid) {
    // Somebody was faster and holds it by now: put it back where nobody took the place yet.
    try {
      linkSync(aside, path)
    } catch (error) {
      if (!hasErrorCode(error, 'EEXIST')) throw error
    }
  }
  rmSync(aside, { force: true })
}

async function tryReadOwner(path: string): Promise<ProcessIdentity | undefined> {
  const text = await tryReadText(path)
  try {
    return text === undefined ? undefined : (JSON.parse(text) as ProcessIdentity)
  } catch {
    return undefined
  }
}
