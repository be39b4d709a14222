/**
 * The root of Gantry's errors. Two families decide whether a retry can help; `code` is stable and is what crosses
 * processes, where `instanceof` cannot be asked.
 */
export abstract class GantryError extends Error {
  /** Stable name of the error, snake_case, the key by which another process rebuilds it. */
  abstract readonly code: string
  /** True where trying again without a change cannot help. */
  abstract readonly terminal: boolean
  /** Exit code of a command that ends with this error: 1 terminal, 2 wrong usage, 75 worth retrying. */
  get exitCode(): number {
    return this.terminal ? 1 : 75
  }
  /** What the message was made of, for programs. Never holds a secret. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(message: string, details: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(message, options)
    this.details = details
    this.name = new.target.name
  }
}

/** Trying again without a change cannot help. */
export abstract class TerminalError extends GantryError {
  override readonly terminal = true
}

/** Trying again later may help: a lock held by another, a network fault, a stop by signal. */
export abstract class TransientError extends GantryError {
  override readonly terminal = false
}
