import { JsonObject } from '../json/object.ts'
import type { LoadPackage } from './load-package.ts'
import { changePackageState } from './package-state.ts'

/**
 * What a destination notes in a package of its work there (`destination_state`), for whoever goes on with it.
 *
 * Numbers by key, such as the rows of a job that were handed over.
 */
export class DestinationState {
  readonly #package: LoadPackage
  readonly #numbers: Map<string, number>
  /** The last write that has begun. */
  #writing: Promise<void> = Promise.resolve()
  /** The one that begins after it: it covers all that is noted until then. */
  #waiting: Promise<void> | undefined

  private constructor(package_: LoadPackage, numbers: Map<string, number>) {
    this.#package = package_
    this.#numbers = numbers
  }

  /** @param state  of the package, as it was read */
  static of(package_: LoadPackage, state: JsonObject): DestinationState {
    const kept = state.get('destination_state')
    const entries = kept instanceof JsonObject ? [...kept.entries()] : []
    return new DestinationState(package_, new Map(entries.map(([key, value]) => [key, Number(value)])))
  }

  get(key: string): number | undefined {
    return this.#numbers.get(key)
  }

  /** Notes a number, on disk once the promise is kept. */
  set(key: string, value: number): Promise<void> {
    this.#numbers.set(key, value)
    this.#waiting ??= this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#waiting = undefined
        this.#writing = this.#write()
        return this.#writing
      })
    return this.#waiting
  }

  #write(): Promise<void> {
    return changePackageState(this.#package, 'destination_state', JsonObject.of([...this.#numbers]))
  }
}
