/** Rows between who reads them and who takes them, at their own pace: reading waits until all that was read is taken. */
export class RowQueue implements AsyncIterable<unknown> {
  #rows: unknown[] = []
  #isOver = false
  #failure: { readonly error: unknown } | undefined
  /** Goes on with who waits: for rows, or for them to be taken. */
  #wakeTaker: () => void = () => undefined
  #wakeReader: () => void = () => undefined
  #taken: Promise<void> | undefined

  push(row: unknown): void {
    this.#rows.push(row)
    this.#wakeTaker()
  }

  /** Undefined where no row waits to be taken. */
  taken(): Promise<void> | undefined {
    if (this.#rows.length === 0 || this.#isOver) return undefined
    this.#taken ??= new Promise((resolve) => {
      this.#wakeReader = resolve
    })
    return this.#taken
  }

  /** No more rows come. */
  end(): void {
    this.#isOver = true
    this.#wakeTaker()
  }

  /** No more rows come, and those that wait are followed by the error. */
  fail(error: unknown): void {
    this.#failure = { error }
    this.end()
  }

  /** No more rows are taken. */
  stop(): void {
    this.#isOver = true
    this.#goOn()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator {
    for (;;) {
      const rows = this.#rows
      this.#rows = []
      yield* rows
      if (this.#rows.length > 0) continue
      if (this.#isOver) break
      this.#goOn()
      await new Promise<void>((resolve) => {
        this.#wakeTaker = resolve
      })
    }
    if (this.#failure !== undefined) throw this.#failure.error
  }

  #goOn(): void {
    this.#taken = undefined
    this.#wakeReader()
  }
}
