/**
 * Names a point between two durable steps. Does nothing, unless a crash test has asked for the process to die exactly
 * here by `GANTRY_CRASH_AT=<name>`: then it is killed, as by the kernel.
 */
export function step(name: DurableStep): void {
  if (process.env['GANTRY_CRASH_AT'] === name) process.kill(process.pid, 'SIGKILL')
}

/** All such points, in the order in which a run passes them. */
export const durableSteps = [
  'extract:manifest',
  'extract:commit',
  'extract:state',
  'extract:done',
  'normalize:start',
  'normalize:manifest',
  'normalize:commit',
  'normalize:schema',
  'normalize:done',
  'load:verified',
  'load:migrated',
  'load:staged',
  'load:job',
  'load:job-committed',
  'load:chain',
  'load:chain-committed',
  'load:commit',
  'load:committed',
  'load:marked',
  'load:done',
] as const

export type DurableStep = (typeof durableSteps)[number]
