import { appendFileSync } from 'node:fs'

/**
 * Names a point between two durable steps. Does nothing outside crash tests, which have two wishes: by
 * `GANTRY_CRASH_AT=<name>` the process is killed exactly here, as by the kernel; `GANTRY_STEP_LOG=<file>` gets a line
 * `<milliseconds since 1970> <process id> <name>` for each step that is passed.
 */
export function step(name: DurableStep): void {
  const log = process.env['GANTRY_STEP_LOG']
  if (log !== undefined) appendFileSync(log, `${Date.now()} ${process.pid} ${name}\n`)
  if (process.env['GANTRY_CRASH_AT'] === name) process.kill(process.pid, 'SIGKILL')
}

/** All such points, in the order in which a run passes them. */
export const durableSteps = [
  'extract:start',
  'extract:manifest',
  'extract:commit',
  'extract:state',
  'extract:done',
  'normalize:start',
  'normalize:manifest',
  'normalize:commit',
  'normalize:schema',
  'normalize:done',
  'load:start',
  'load:verified',
  'load:migrate',
  'load:migrated',
  'load:staging',
  'load:staged',
  'load:job',
  'load:job-committed',
  'load:batch',
  'load:batch-noted',
  'load:chain',
  'load:chain-committed',
  'load:commit',
  'load:committed',
  'load:marked',
  'load:done',
] as const

export type DurableStep = (typeof durableSteps)[number]
