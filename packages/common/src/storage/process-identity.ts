import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { randomUUID } from 'node:crypto'

/** Enough to tell later, on the same machine or another, whether the process that wrote it still lives. */
export interface ProcessIdentity {
  readonly uuid: string
  readonly host: string
  /** Changes when the machine restarts; empty where the system does not tell. */
  readonly boot_id: string
  /** Containers on one machine share the boot id, but each has process ids of its own. */
  readonly pid_namespace: string
  readonly pid: number
  /** The kernel's start time of the process, in its own ticks, so that a reused pid is not taken for it. */
  readonly started: string
}

const uuid = randomUUID()

/** The identity of this process. */
export function thisProcess(): ProcessIdentity {
  return {
    uuid,
    host: hostname(),
    boot_id: bootId(),
    pid_namespace: pidNamespace(),
    pid: process.pid,
    started: tryStartTime(process.pid) ?? '',
  }
}

/**
 * Whether that process lives: `unknown` where it ran on another machine or in another container, which only a
 * heartbeat can tell about.
 */
export function processState(identity: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  if (identity.uuid === uuid) return 'alive'
  if (identity.host !== hostname() || identity.pid_namespace !== pidNamespace()) return 'unknown'
  if (identity.boot_id !== bootId()) return 'dead'
  try {
    process.kill(identity.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'dead'
  }
  const started = tryStartTime(identity.pid)
  return started === undefined || identity.started === '' || started === identity.started ? 'alive' : 'dead'
}

function bootId(): string {
  return tryReadSystemFile('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

function tryStartTime(pid: number): string | undefined {
  const stat = tryReadSystemFile(`/proc/${pid}/stat`)
  // The second field, the command in brackets, may hold blanks; the start time is field 22 (man 5 proc).
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A zombie was killed already and only waits to be collected.
  return fields === undefined ? undefined : fields[0] === 'Z' ? 'ended' : fields[19]
}

function tryReadSystemFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
