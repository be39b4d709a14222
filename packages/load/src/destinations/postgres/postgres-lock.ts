import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { DestinationLocked } from '../../errors.ts'
import type { SqlConnection } from '../../sql/engine.ts'

/*
 * Session advisory locks (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS): they belong to a
 * connection and end with it, so that a process that is killed leaves none behind.
 */

/** A process that has just been killed lets go within moments: the server has to notice. */
const patienceMs = 1000
const pauseMs = 100

/**
 * Takes the lock of a name, for as long as the connection lives or until it is released.
 *
 * @returns releases it
 * @throws {DestinationLocked} names the session that holds it
 */
export async function takeLock(connection: SqlConnection, name: string, place: string): Promise<() => Promise<void>> {
  const key = lockKey(name)
  const endMs = Date.now() + patienceMs
  for (;;) {
    const [[isTaken] = []] = await connection.query(`SELECT pg_try_advisory_lock(${key})`)
    if (isTaken === true) return () => connection.run(`SELECT pg_advisory_unlock(${key})`)
    if (Date.now() >= endMs) throw await lockedBy(connection, key, name, place)
    await sleep(pauseMs)
  }
}

/** 64 bits of the name's hash, signed. Locks are a database's own; other programs use small numbers mostly. */
function lockKey(name: string): bigint {
  return createHash('sha256').update(`gantry:${name}`).digest().readBigInt64BE()
}

async function lockedBy(
  connection: SqlConnection,
  key: bigint,
  name: string,
  place: string,
): Promise<DestinationLocked> {
  const bits = BigInt.asUintN(64, key)
  const [holder] = await connection.query(
    `SELECT l.pid, a.application_name, a.client_addr, a.client_port, a.usename, ` +
      `to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') ` +
      `FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted ` +
      `AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.objsubid = 1 ` +
      `AND l.classid = ${bits >> 32n} AND l.objid = ${bits & 0xffff_ffffn}`,
  )
  const [pid, application, address, port, user, since] = holder ?? []
  const whom =
    pid === undefined
      ? 'Another session'
      : `Server process ${String(pid)} (application "${String(application ?? '?')}" of user ${String(user ?? '?')}, ` +
        `${address === null ? 'by a socket' : `from ${String(address)}:${String(port)}`}, connected since ${String(since ?? '?')})`
  return new DestinationLocked(
    `${whom} holds "${name}" at ${place}: another load is at work there. Wait until it has ended, then run the command ` +
      'again; what is pending is kept.',
    { name, pid, application, address, place },
  )
}
