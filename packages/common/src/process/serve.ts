import { systemClock } from '../clock.ts'
import { Configuration } from '../config/configuration.ts'
import { loggerOf } from '../log.ts'
import { ThrottledProgress } from '../progress.ts'
import type { StageContext, StageName } from '../stage.ts'
import { exitCodeOf, packError } from './errors-across.ts'
import { protocolVersion, type FromStage, type ToStage } from './messages.ts'
import { abortOnSignals, SignalReceived } from './shutdown.ts'

/** What a stage can do besides its work while a command runs it. */
export interface StageServer {
  /**
   * Reports `info` and waits until the command says go on. Rejects when the stage is stopped meanwhile.
   *
   * @returns what the command has said
   */
  pause(info: unknown): Promise<unknown>
}

/**
 * The body of a stage's process: reads one request from the command that opened it, runs the stage, reports and
 * ends. When the command goes away, the stage stops at its next durable step; where it was given nothing to do, it ends.
 */
export function serveStage<Request extends { readonly pipelineName?: string | undefined }>(
  stage: StageName,
  run: (request: Request, context: StageContext, server: StageServer) => Promise<unknown>,
): void {
  const controller = abortOnSignals()
  let isStarted = false
  let proceed: ((request: unknown) => void) | undefined
  const server: StageServer = {
    pause: (info) =>
      new Promise((resolve, reject) => {
        proceed = resolve
        controller.signal.addEventListener('abort', () => reject(controller.signal.reason as Error), { once: true })
        if (controller.signal.aborted) reject(controller.signal.reason as Error)
        send({ version: protocolVersion, kind: 'paused', info })
      }),
  }
  const start = async (request: Request): Promise<void> => {
    const progress = new ThrottledProgress(
      { update: (_, counter) => send({ version: protocolVersion, kind: 'progress', stage, counter }) },
      100,
    )
    try {
      const context: StageContext = {
        log: loggerOf(stage, (line) => send({ version: protocolVersion, kind: 'log', line })),
        progress,
        clock: systemClock,
        configuration: configurationFor(request.pipelineName),
        signal: controller.signal,
      }
      const info = await run(request, context, server)
      progress.flush()
      sendLast({ version: protocolVersion, kind: 'done', info })
    } catch (error) {
      process.exitCode = exitCodeOf(error)
      sendLast({ version: protocolVersion, kind: 'failed', error: packError(error) })
    }
  }
  process.on('message', (message: ToStage) => {
    if (message.version !== protocolVersion) {
      // The command refuses whatever comes from a stage of another version, and says so.
      process.exitCode = 1
      sendLast({ version: protocolVersion, kind: 'failed', error: packError(new Error('protocol version')) })
    } else if (message.kind === 'start') {
      isStarted = true
      void start(message.request as Request)
    } else if (message.kind === 'continue') proceed?.(message.request)
    else controller.abort(new SignalReceived('Stopped. Run the command again to go on.'))
  })
  controller.signal.addEventListener('abort', () => {
    if (!isStarted && process.connected) process.disconnect()
  })
  process.on('disconnect', () => {
    controller.abort(new SignalReceived('The command that started this stage is gone.'))
  })
}

/** A stage may learn only later which pipeline it works for. */
function configurationFor(pipelineName: string | undefined): Configuration {
  const configuration = Configuration.open()
  return pipelineName === undefined ? configuration : configuration.forPipeline(pipelineName)
}

function send(message: FromStage): void {
  if (process.connected) process.send?.(message)
}

/** Lets go of the command once it has the message: a large one, of thousands of tables, takes a while to get through. */
function sendLast(message: FromStage): void {
  if (process.connected) process.send?.(message, () => process.connected && process.disconnect())
}
