import { packError, serveStage, type ErrorMessage, type LoadInfoData, type StageContext } from '@gantry/common'
import { prepareDestination } from './destinations/registry.ts'
import { load } from './load.ts'
import type { LoadRequest } from './request.ts'
import { sync, SyncFailed } from './sync.ts'
import { resolveTarget } from './target.ts'

/** What the load process reports: at its pause about the packages that were pending, at its end about the rest. */
export interface LoadReport {
  readonly info: LoadInfoData
  readonly failure?: ErrorMessage
}

/** What the load process is asked to do. */
export interface LoadWorkerRequest extends LoadRequest {
  /** Take state and schemas over from the destination before anything else. */
  readonly isSynced: boolean
}

// The load stage as a process of `gantry run`: first syncs, so that extract needs no driver to know where to go on, and
// finishes what is pending; then waits for new packages. While it waits it holds neither locks nor the database.
serveStage<LoadWorkerRequest>('load', async ({ isSynced, ...request }, context, server) => {
  if (isSynced) {
    try {
      await sync(request, context)
    } catch (error) {
      throw new SyncFailed(error)
    }
  }
  const run = async (): Promise<LoadReport> => {
    const { info, failure } = await load(request, context)
    return { info, ...(failure === undefined ? {} : { failure: packError(failure) }) }
  }
  const pending = await run()
  if (pending.failure !== undefined) return pending
  const paused = server.pause(pending)
  // While the others work. What is wrong with a driver is said when it is needed.
  prepareDriver(request, context).catch(() => undefined)
  await paused
  return run()
})

async function prepareDriver(request: LoadRequest, context: StageContext): Promise<void> {
  const { reference } = await resolveTarget(request, context)
  await prepareDestination(reference)
}
