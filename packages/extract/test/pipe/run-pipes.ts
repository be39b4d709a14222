import { Configuration } from '@gantry/common'
import { extractableSources } from '../../src/extractable-sources.ts'
import type { RowsResource } from '../../src/extractable.ts'
import { readRows } from '../../src/pipe/read-rows.ts'
import type { Resource } from '../../src/resource.ts'

export interface RunOptions {
  readonly nextItemMode?: 'fifo' | 'round_robin'
  readonly maxParallelItems?: number
  readonly workers?: number
  readonly signal?: AbortSignal
}

/** Reads resources. @returns `[resource, row]` in the order in which rows would be written */
export async function runPipes(
  resources: Resource | readonly Resource[],
  { nextItemMode = 'round_robin', maxParallelItems = 20, workers = 5, signal }: RunOptions = {},
  written: [string, unknown][] = [],
): Promise<[string, unknown][]> {
  const configuration = Configuration.ofEnvironment({
    EXTRACT__NEXT_ITEM_MODE: nextItemMode,
    EXTRACT__MAX_PARALLEL_ITEMS: String(maxParallelItems),
    EXTRACT__WORKERS: String(workers),
  })
  const [source] = await extractableSources(resources, {}, configuration)
  await readRows((source?.resources ?? []) as readonly RowsResource[], {
    configuration,
    onRow: (name, row) => written.push([name, row]),
    ...(signal === undefined ? {} : { signal }),
  })
  return written
}

/** The rows alone. */
export async function rowsOf(resources: Resource | readonly Resource[], options: RunOptions = {}): Promise<unknown[]> {
  return (await runPipes(resources, options)).map(([, row]) => row)
}
