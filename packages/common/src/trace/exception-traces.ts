import { GantryError } from '../errors.ts'
import { RemoteError } from '../process/errors-across.ts'
import { describeSystemError } from '../process/system-error.ts'
import { isSecretName, withoutSecrets } from '../redact.ts'

/** One error of a chain, without secrets. */
export interface ExceptionTrace {
  readonly message: string
  /** The class's name. */
  readonly exceptionType: string
  /** Frames, innermost first. */
  readonly stackTrace: readonly string[]
  /** Whether trying again cannot help; null for errors that do not say. */
  readonly isTerminal: boolean | null
  /** What the message was made of. */
  readonly exceptionAttrs: Readonly<Record<string, unknown>>
  readonly loadId: string | null
  readonly jobId: string | null
  readonly pipelineName: string | null
  readonly sourceName: string | null
  readonly resourceName: string | null
}

/** Causes are followed no further than this: a chain may be a circle. */
const maxChain = 20

/** The error and what caused it, outermost first. */
export function exceptionTraces(error: unknown): ExceptionTrace[] {
  const traces: ExceptionTrace[] = []
  let next = error
  while (next !== undefined && next !== null && traces.length < maxChain) {
    traces.push(exceptionTrace(next))
    next = next instanceof Error ? next.cause : undefined
  }
  return traces
}

function exceptionTrace(error: unknown): ExceptionTrace {
  const details = error instanceof GantryError ? error.details : {}
  const text = (...names: string[]): string | null => {
    for (const name of names) if (typeof details[name] === 'string') return withoutSecrets(details[name])
    return null
  }
  return {
    message: withoutSecrets(exceptionText(error)),
    exceptionType: error instanceof Error ? error.name : typeof error,
    stackTrace: framesOf(error),
    isTerminal: error instanceof GantryError ? error.terminal : null,
    exceptionAttrs: plain(details) as Record<string, unknown>,
    loadId: text('loadId', 'package'),
    jobId: text('jobId'),
    pipelineName: text('pipelineName'),
    sourceName: text('sourceName'),
    resourceName: text('resourceName', 'resource'),
  }
}

function exceptionText(error: unknown): string {
  return error instanceof Error ? (describeSystemError(error) ?? error.message) : String(error)
}

function framesOf(error: unknown): string[] {
  const stack = error instanceof RemoteError ? error.remoteStack : error instanceof Error ? error.stack : undefined
  return (stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => withoutSecrets(line.trim()))
}

/** Texts without secrets, values under the names of secrets blanked, whatever JSON cannot carry left out. */
function plain(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return withoutSecrets(value)
  if (typeof value === 'bigint') return String(value)
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value !== 'object' || depth > 5) return undefined
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1) ?? null)
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, item]) => [name, isSecretName(name) ? '***' : plain(item, depth + 1)] as const)
      .filter(([, item]) => item !== undefined),
  )
}
