/** Room for a number of things at a time; whoever finds none waits in line. */
export class Slots {
  #free: number
  readonly #line: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Takes a slot. @returns undefined where there was one; else what becomes true once it is taken */
  acquire(): Promise<void> | undefined {
    if (this.#free === 0) return new Promise((resolve) => this.#line.push(resolve))
    this.#free--
    return undefined
  }

  release(): void {
    const next = this.#line.shift()
    if (next === undefined) this.#free++
    else next()
  }
}
