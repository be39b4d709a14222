// How much memory a process and all that it started hold at once; on Linux only.
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const pageMb = 4096 / 1e6

/** Watches a process and its descendants, 20 times a second. @returns stops, and tells the highest sum in MB */
export function watchTree(pid) {
  if (!existsSync('/proc/self/statm')) return () => undefined
  let peakMb = 0
  const watch = setInterval(() => {
    const sum = treeOf(pid).reduce((megabytes, one) => megabytes + residentMb(one), 0)
    peakMb = Math.max(peakMb, sum)
  }, 50)
  return () => {
    clearInterval(watch)
    return peakMb
  }
}

function treeOf(pid) {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`)
    const children = tasks.flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' ').filter(Boolean),
    )
    return [pid, ...children.flatMap(treeOf)]
  } catch {
    // It has ended meanwhile.
    return []
  }
}

/** Pages that several processes share, such as those of Node's own code, count in each of them. */
function residentMb(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * pageMb
  } catch {
    return 0
  }
}
