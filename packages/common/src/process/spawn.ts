import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { TerminalError, TransientError } from '../errors.ts'
import type { LogLine } from '../log-output.ts'
import type { ProgressSink } from '../progress.ts'
import type { StageName } from '../stage.ts'
import { RemoteError } from './errors-across.ts'
import { protocolVersion, type FromStage, type ToStage } from './messages.ts'

/** A stage's process ended without a word: killed, or out of memory. */
export class StageProcessLost extends TransientError {
  override readonly code = 'stage_process_lost'
}

/** A stage and the command that runs it come from different versions of Gantry. */
export class ProtocolMismatch extends TerminalError {
  override readonly code = 'protocol_mismatch'

  constructor(stage: StageName, found: number) {
    super(
      `The ${stage} process speaks version ${found} of the protocol between stages, the command ${protocolVersion}. ` +
        "Install one version of Gantry's packages.",
      { stage, found, expected: protocolVersion },
    )
  }
}

/** What a stage's process is given besides its request. */
export interface StageOptions {
  /** Shows how far it is, and what it says. */
  readonly display: { readonly progress: ProgressSink; say(line: LogLine): void }
  readonly signal: AbortSignal
}

/** A process that got ready for a stage and waits for its request. */
export interface OpenStage {
  /**
   * Gives the stage its request, once.
   *
   * @param options.signal  aborted: the process is asked to stop at its next durable step
   */
  start(request: unknown, options: StageOptions): StageProcess
  /** Ends the process where it was not started. */
  release(): void
}

/** A running stage process. */
export interface StageProcess {
  readonly pid: number
  /** Settles when the stage waits for {@link StageProcess.proceed}; rejects like `done` if it ends before. */
  readonly paused: Promise<unknown>
  /** The stage's info. Rejects with the stage's error, or with {@link StageProcessLost}. */
  readonly done: Promise<unknown>
  /** Lets a paused stage go on, and tells it what it waits for. */
  proceed(request?: unknown): void
}

/**
 * Opens a process for a stage.
 *
 * @param entry  URL of the stage's worker module
 */
export function openStage(stage: StageName, entry: string): OpenStage {
  const child = fork(fileURLToPath(entry), [], {
    // Standard output belongs to the results of the command; what a stage says goes to standard error.
    stdio: ['inherit', 2, 2, 'ipc'],
    // Infos hold dates.
    serialization: 'advanced',
  })
  let isStarted = false
  const paused = resolvers<unknown>()
  const done = resolvers<unknown>()
  // Both are always awaited by somebody later; until then a failure must not count as unhandled.
  paused.promise.catch(() => undefined)
  done.promise.catch(() => undefined)
  const fail = (error: Error): void => {
    paused.reject(error)
    done.reject(error)
  }
  const send = (message: ToStage): void => {
    if (child.connected) child.send(message, () => undefined)
  }
  const stop = (): void => send({ version: protocolVersion, kind: 'stop' })
  child.on('error', (cause) =>
    fail(new StageProcessLost(`The ${stage} process could not be started.`, { stage }, { cause })),
  )
  child.on('exit', (code, signal) => {
    const lost = new StageProcessLost(
      `The ${stage} process ended unexpectedly (${signal === null ? `exit code ${code}` : `killed by ${signal}`}). ` +
        'Run the command again: it goes on from what was committed.',
      { stage, exitCode: code, signal },
    )
    // Without effect where the stage had reported its end already; its report may still be on the way.
    if (child.connected) child.once('disconnect', () => setImmediate(fail, lost))
    else setImmediate(fail, lost)
  })
  return {
    start(request, { display, signal }) {
      isStarted = true
      child.on('message', (message: FromStage) => {
        if (message.version !== protocolVersion) fail(new ProtocolMismatch(stage, message.version))
        else if (message.kind === 'progress') display.progress.update(message.stage, message.counter)
        else if (message.kind === 'log') display.say(message.line)
        else if (message.kind === 'paused') paused.resolve(message.info)
        else if (message.kind === 'done') done.resolve(message.info)
        else fail(new RemoteError(message.error))
      })
      signal.addEventListener('abort', stop, { once: true })
      child.on('exit', () => signal.removeEventListener('abort', stop))
      send({ version: protocolVersion, kind: 'start', request })
      if (signal.aborted) stop()
      return {
        pid: child.pid ?? -1,
        paused: paused.promise,
        done: done.promise,
        proceed: (told) => send({ version: protocolVersion, kind: 'continue', request: told }),
      }
    },
    release() {
      if (!isStarted && child.connected) child.disconnect()
    },
  }
}

interface Resolvers<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
}

function resolvers<T>(): Resolvers<T> {
  let settle: Omit<Resolvers<T>, 'promise'> | undefined
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject }
  })
  return { promise, ...(settle as Omit<Resolvers<T>, 'promise'>) }
}
