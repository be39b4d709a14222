import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/**
 * Does tasks in several processes, each one task at a time, begun in their order.
 *
 * @param tasks  `{ scenario, engine }` each
 * @param onDone  gets the task's number and its result, in the order in which they end
 */
export async function playAll(tasks, processes, onDone) {
  let next = 0
  await Promise.all(
    Array.from({ length: Math.min(processes, tasks.length) }, async () => {
      let worker
      while (next < tasks.length) {
        const number = next++
        worker ??= fork(join(import.meta.dirname, 'worker.mjs'))
        const result = await playIn(worker, tasks[number])
        if (result === undefined) worker = undefined
        onDone(number, result ?? { problems: [{ step: '?', key: 'the runner', text: 'the process has ended' }] })
      }
      if (worker === undefined) return
      worker.send('end')
      await once(worker, 'exit')
    }),
  )
}

/** @returns undefined where the process has ended before the scenario */
async function playIn(worker, task) {
  const listening = new AbortController()
  const result = Promise.race([
    once(worker, 'message', listening).then(([message]) => message),
    once(worker, 'exit', listening).then(() => undefined),
  ])
  worker.send(task)
  return result.finally(() => listening.abort())
}
