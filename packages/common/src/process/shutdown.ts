import { TransientError } from '../errors.ts'

/** The work was stopped from outside; what was committed before stays, the next run goes on from there. */
export class SignalReceived extends TransientError {
  override readonly code = 'signal_received'
}

/**
 * Turns the first SIGINT or SIGTERM into an abort, so that the stage stops at its next durable step; a second one ends
 * the process at once (dlt `dlt/common/runtime/signals.py`).
 */
export function abortOnSignals(): AbortController {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(75)
      controller.abort(new SignalReceived(`Stopped by ${signal}. Run the command again to go on.`, { signal }))
    })
  }
  return controller
}
