import { packError, serveStage, type ErrorMessage, type LoadInfoData } from '@gantry/common'
import { load } from './load.ts'
import type { LoadRequest } from './request.ts'

/** What the load process reports: at its pause about the packages that were pending, at its end about the rest. */
export interface LoadReport {
  readonly info: LoadInfoData
  readonly failure?: ErrorMessage
}

// The load stage as a process of `gantry run`: first finishes what is pending, then waits for new packages. While it
// waits it holds neither the lock nor the database.
serveStage<LoadRequest>('load', async (request, context, server) => {
  const run = async (): Promise<LoadReport> => {
    const { info, failure } = await load(request, context)
    return { info, ...(failure === undefined ? {} : { failure: packError(failure) }) }
  }
  const pending = await run()
  if (pending.failure !== undefined) return pending
  await server.pause(pending)
  return run()
})
