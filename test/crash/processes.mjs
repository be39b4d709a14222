// Kills stage processes of a running command, and tells where that hit them.
import { readFileSync } from 'node:fs'

/** Kills whichever process comes to a durable step, there. */
export function killAt(step) {
  return {
    what: `at ${step}`,
    start: (log) => ({
      env: { GANTRY_CRASH_AT: step },
      end: () => (passed(log).some((line) => line.step === step) ? step : undefined),
    }),
  }
}

/** Kills the process of a stage some time after it has begun its work. */
export function killAfter(stage, afterMs) {
  return {
    what: `${stage} after ${afterMs} ms`,
    start(log) {
      let hit
      const watch = setInterval(() => {
        const begun = passed(log).find(({ step }) => step === `${stage}:start`)
        if (begun === undefined) return
        clearInterval(watch)
        setTimeout(
          () => {
            if (tryKill(begun.pid)) hit = passed(log).findLast(({ pid }) => pid === begun.pid).step
          },
          begun.atMs + afterMs - Date.now(),
        )
      }, 4)
      return {
        env: {},
        end() {
          clearInterval(watch)
          return hit
        },
      }
    },
  }
}

/** Steps that a command's processes have passed so far, in their order. */
export function passed(log) {
  let text
  try {
    text = readFileSync(log, 'utf8')
  } catch {
    return []
  }
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' '))
    .map(([atMs, pid, step]) => ({ atMs: Number(atMs), pid: Number(pid), step }))
}

/** @returns false where the process has ended by itself */
function tryKill(pid) {
  try {
    // One that has ended and only waits to be collected can be sent a signal, too.
    if (readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')) return false
    process.kill(pid, 'SIGKILL')
    return true
  } catch {
    return false
  }
}
