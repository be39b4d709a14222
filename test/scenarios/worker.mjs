// Plays the scenarios that its parent sends, one after the other: settings are variables of the process.
import { play } from './play.mjs'
import { dropDatabase } from './readers/postgres-reader.mjs'

// The library keeps quiet about what is tested here.
process.env.LOG_LEVEL ??= 'silent'

process.on('message', async (task) => {
  if (task === 'end') {
    await dropDatabase()
    process.disconnect()
    return
  }
  process.send(await play(task.scenario, task.engine))
})
