import { readPackageSchema, type LoadPackage } from '@gantry/common'
import type { Destination } from './destinations/destination.ts'
import { openDestination } from './destinations/registry.ts'
import { targetOfSchema, type LoadTarget } from './target.ts'

/**
 * The datasets of a load, of which one is open at a time: packages of several schemas may go to one each, and a DuckDB file
 * is opened once.
 */
export class OpenDatasets implements AsyncDisposable {
  readonly #target: LoadTarget
  #current: Destination | undefined

  constructor(target: LoadTarget) {
    this.#target = target
  }

  /** Undefined before the first package. */
  get current(): Destination | undefined {
    return this.#current
  }

  /**
   * The destination of a package.
   *
   * @param beforeClosing  called with another one that is open
   */
  async of(package_: LoadPackage, beforeClosing: (left: Destination) => Promise<void>): Promise<Destination> {
    const target = await this.#targetOf(package_)
    if (this.#current?.datasetName === target.datasetName) return this.#current
    if (this.#current !== undefined) {
      await beforeClosing(this.#current)
      await this[Symbol.asyncDispose]()
    }
    this.#current = await openDestination({ ...target, access: 'load' })
    return this.#current
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = this.#current
    this.#current = undefined
    await left?.[Symbol.asyncDispose]()
  }

  async #targetOf(package_: LoadPackage): Promise<LoadTarget> {
    if (this.#target.isSingleDataset) return this.#target
    return targetOfSchema(this.#target, (await readPackageSchema(package_)).name)
  }
}
