/** Aborts what waits once nothing has happened for a while, or when the caller's signal does. */
export class IdleTimeout {
  isOver = false
  seconds: number
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal | undefined
  readonly #onOuterAbort: () => void
  #timer: NodeJS.Timeout

  constructor(ms: number, outer: AbortSignal | undefined) {
    this.seconds = ms / 1000
    this.#outer = outer
    this.#timer = this.#start(ms)
    // A listener that is taken away again: `AbortSignal.any` keeps something of each call for as long as `outer` lives.
    this.#onOuterAbort = () => this.#controller.abort(outer?.reason)
    if (outer?.aborted === true) this.#onOuterAbort()
    outer?.addEventListener('abort', this.#onOuterAbort)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Something has happened. */
  restart(ms: number): void {
    if (ms / 1000 === this.seconds) {
      this.#timer.refresh()
      return
    }
    this.seconds = ms / 1000
    clearTimeout(this.#timer)
    this.#timer = this.#start(ms)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#outer?.removeEventListener('abort', this.#onOuterAbort)
  }

  #start(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.isOver = true
      this.#controller.abort()
    }, ms)
  }
}
