import { openRows } from '../../extractable.ts'
import type { Resource, ResourceContext } from '../../resource.ts'
import { InvalidRestConfig } from './invalid-rest-config.ts'

/** The rows of a parent, read for a resource that depends on it. @throws {InvalidRestConfig} the parent has a state of its own */
export async function* parentRows(parent: Resource, run: ResourceContext): AsyncGenerator<unknown, void, undefined> {
  refuseCursor(parent)
  const resourceState = (): never => {
    throw new InvalidRestConfig(
      `Resource "${parent.name}" has a state, so another one cannot depend on it: it is read apart from its own run.`,
      { resource: parent.name },
    )
  }
  for await (const item of await openRows(parent.name, parent.data, { ...run, cursor: undefined, resourceState })) {
    if (Array.isArray(item)) yield* item as readonly unknown[]
    else yield item
  }
}

/** A parent is read once more for each dependent resource, when its cursor may have moved on. @throws {InvalidRestConfig} */
export function refuseCursor(parent: Resource | undefined): void {
  if (parent?.hints.incremental === undefined) return
  throw new InvalidRestConfig(
    `Resource "${parent.name}" loads incrementally, so another one cannot depend on it yet. ` +
      'Describe it a second time under another name, without "incremental" and with selected: false, and depend on that.',
    { resource: parent.name },
  )
}
