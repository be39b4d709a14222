import { rememberSecret } from '../redact.ts'

/**
 * A value that must not be printed: as text, in JSON, in logs and in errors it is `***`. What is remembered here is also
 * blanked where it stands inside another text that Gantry writes.
 */
export class Secret<T = string> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
    if (typeof value === 'string') rememberSecret(value)
  }

  /** The value itself. */
  reveal(): T {
    return this.#value
  }

  toString(): string {
    return '***'
  }

  toJSON(): string {
    return '***'
  }
}
