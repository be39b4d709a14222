import { GantryError } from '../errors.ts'
import { describeSystemError } from './system-error.ts'

/** The form an error takes between processes: judged by `code`, never by `instanceof`. */
export interface ErrorMessage {
  readonly code: string
  readonly name: string
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
  readonly exitCode: number
  readonly stack?: string
  readonly cause?: ErrorMessage
}

/** Packs any thrown value for another process. */
export function packError(error: unknown): ErrorMessage {
  if (!(error instanceof Error)) {
    return { code: 'unexpected', name: 'Error', message: String(error), details: {}, exitCode: 75 }
  }
  const cause = error.cause === undefined ? {} : { cause: packError(error.cause) }
  const stack = error.stack === undefined ? {} : { stack: error.stack }
  if (error instanceof GantryError) {
    const { code, name, message, exitCode } = error
    return { code, name, message, exitCode, details: plain(error.details), ...stack, ...cause }
  }
  return {
    // That of the operating system, such as ENOSPC.
    code: (error as NodeJS.ErrnoException).code ?? 'unexpected',
    name: error.name,
    message: describeSystemError(error) ?? error.message,
    details: {},
    exitCode: exitCodeOf(error),
    ...stack,
    ...cause,
  }
}

/** An error that happened in another process. Keeps name, code and exit code of the original. */
export class RemoteError extends GantryError {
  override readonly code: string
  override readonly terminal: boolean
  readonly #exitCode: number
  readonly remoteStack: string | undefined

  constructor(packed: ErrorMessage) {
    super(
      packed.message,
      packed.details,
      packed.cause === undefined ? undefined : { cause: new RemoteError(packed.cause) },
    )
    this.name = packed.name
    this.code = packed.code
    this.terminal = packed.exitCode !== 75
    this.#exitCode = packed.exitCode
    this.remoteStack = packed.stack
  }

  override get exitCode(): number {
    return this.#exitCode
  }
}

/**
 * The exit code for any error: the error's own; else 1 for faults of files and programs, which a retry does not mend,
 * and 75 for a full disk or too many open files, which may pass.
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof GantryError) return error.exitCode
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code !== undefined && ['ENOSPC', 'EMFILE', 'ENFILE', 'EDQUOT', 'EAGAIN', 'EBUSY'].includes(code) ? 75 : 1
}

/** Details survive as JSON; what JSON cannot carry is left out rather than failing the report. */
function plain(details: Readonly<Record<string, unknown>>): Record<string, unknown> {
  try {
    return JSON.parse(JSON.stringify(details)) as Record<string, unknown>
  } catch {
    return {}
  }
}
