import { Configuration, silentLog } from '@gantry/common'
import { extractableSources } from '../../src/extractable-sources.ts'
import type { RowsResource } from '../../src/extractable.ts'
import { Pipe } from '../../src/pipe/pipe.ts'
import { Scheduler, type ScheduleOptions } from '../../src/pipe/schedule.ts'
import type { Resource } from '../../src/resource.ts'
import { typedRowText } from '../../src/typed-row.ts'

/** Runs resources without files. @returns `[resource, row]` in the order in which rows would be written */
export async function runPipes(
  resources: Resource | readonly Resource[],
  options: Partial<ScheduleOptions> = {},
  written: [string, unknown][] = [],
): Promise<[string, unknown][]> {
  const signal = options.signal ?? new AbortController().signal
  const scheduler = new Scheduler({ nextItemMode: 'round_robin', maxParallelItems: 20, workers: 5, ...options, signal })
  const [source] = await extractableSources(resources, {}, Configuration.ofEnvironment({}))
  const rows = (source?.resources ?? []) as readonly RowsResource[]
  const pipes = new Map(rows.map((one) => [one, pipeOf(one, scheduler, written)]))
  for (const [{ parent }, pipe] of pipes) if (parent !== undefined) pipes.get(parent)?.children.push(pipe)
  await scheduler.run([...pipes.values()].flatMap(({ feed }) => feed ?? []))
  return written
}

/** The rows alone. */
export async function rowsOf(
  resources: Resource | readonly Resource[],
  options: Partial<ScheduleOptions> = {},
): Promise<unknown[]> {
  return (await runPipes(resources, options)).map(([, row]) => row)
}

function pipeOf({ definition, isWritten }: RowsResource, scheduler: Scheduler, written: [string, unknown][]): Pipe {
  const take = (row: unknown): string => {
    written.push([definition.name, row])
    return typedRowText(row, { notFinite: 0 })
  }
  return new Pipe({
    definition,
    check: undefined,
    cursor: undefined,
    sink: isWritten ? { take, mark: () => undefined } : undefined,
    scheduler,
    log: silentLog(),
    context: {
      cursor: undefined,
      config: {},
      signal: scheduler.signal,
      resourceState: () => ({}),
      sourceState: () => ({}),
    },
  })
}
