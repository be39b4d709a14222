// Kills one stage of a running command.
import { readFileSync, readdirSync } from 'node:fs'

/** Kills the process of one stage some time after it has appeared. */
export function killStage(parent, { stage, afterMs }) {
  let killed = false
  const watch = setInterval(() => {
    const pid = childrenOf(parent).find((child) => commandLine(child).includes(`/${stage}/dist/worker.js`))
    if (pid === undefined) return
    clearInterval(watch)
    setTimeout(() => {
      try {
        // One that has ended and only waits to be collected can be sent a signal, too.
        killed = !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
        process.kill(pid, 'SIGKILL')
      } catch {
        killed = false
      }
    }, afterMs)
  }, 5)
  return { stop: () => clearInterval(watch), hasKilled: () => killed }
}

function childrenOf(parent) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(parent)
      } catch {
        return false
      }
    })
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
