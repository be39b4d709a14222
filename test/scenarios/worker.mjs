// Plays the scenarios that its parent sends, one after the other: settings are variables of the process.
import { play } from './play.mjs'
import { openReader } from './readers/open-reader.mjs'

// The library keeps quiet about what is tested here.
process.env.LOG_LEVEL ??= 'silent'

/** The PostgreSQL database of this process. */
let kept

async function open(engine, folder) {
  if (engine !== 'postgres') return openReader(engine, folder)
  kept ??= await openReader(engine, folder)
  return { ...kept, close: () => kept.clear() }
}

process.on('message', (task) => {
  if (task === 'end') void end()
  else void play(task.scenario, task.engine, open).then((result) => process.send(result))
})

async function end() {
  await kept?.close()
  process.disconnect()
}
