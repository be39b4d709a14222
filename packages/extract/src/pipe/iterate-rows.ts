import { Configuration } from '@gantry/common'
import type { RowsResource } from '../extractable.ts'
import { withParents, type ResourcesPlace } from '../extractable-sources.ts'
import type { Resource } from '../resource.ts'
import type { Source } from '../source.ts'
import { readRows } from './read-rows.ts'
import { RowQueue } from './row-queue.ts'

/** The rows of a resource, as they would be written. */
export function rowsOfResource(resource: Resource): AsyncGenerator {
  const configuration = Configuration.open()
  return iterate([resource], { name: `Resource "${resource.name}"`, section: undefined, configuration })
}

/** The rows of the resources of a source by turns, as they would be written. */
export async function* rowsOfSource(source: Source): AsyncGenerator {
  const configuration = Configuration.open()
  const { name, section } = source
  const resources = await source.selectedResources(configuration)
  yield* iterate(resources, { name: `Source "${name}"`, section, configuration })
}

/** Reads no further than rows are taken; where that ends early, so do the functions of the resources. */
async function* iterate(resources: readonly Resource[], place: ResourcesPlace): AsyncGenerator {
  const rows = new RowQueue()
  const end = new AbortController()
  const reading = read(withParents(resources, {}, place), place, rows, end.signal)
  try {
    yield* rows
  } finally {
    end.abort()
    rows.stop()
    await reading
  }
}

async function read(
  resources: readonly RowsResource[],
  { configuration, section }: ResourcesPlace,
  rows: RowQueue,
  signal: AbortSignal,
): Promise<void> {
  try {
    const onRow = (_: string, row: unknown): void => rows.push(row)
    await readRows(resources, { configuration, section, signal, onRow, afterTurn: () => rows.taken() })
    rows.end()
  } catch (error) {
    rows.fail(error)
  }
}
