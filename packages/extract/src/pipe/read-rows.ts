import { silentLog, type Configuration, type Logger } from '@gantry/common'
import type { RowsResource } from '../extractable.ts'
import { typedRowText } from '../typed-row.ts'
import { openPipes } from './open-pipes.ts'
import { scheduleSettings } from './schedule-settings.ts'
import { Scheduler } from './schedule.ts'

export interface ReadOptions {
  readonly configuration: Configuration
  /** Of the configuration; undefined: each resource has its own. */
  readonly section?: string | undefined
  readonly signal?: AbortSignal
  readonly log?: Logger
  /** Called with each row that would be written. */
  readonly onRow: (resource: string, row: unknown) => void
  /** Asked after each turn; reading waits for the promise. */
  readonly afterTurn?: () => Promise<void> | undefined
}

/** Reads resources as an extract does, without writing anything. Cursors and notes begin with nothing, and are not kept. */
export async function readRows(
  resources: readonly RowsResource[],
  {
    configuration,
    section,
    signal = new AbortController().signal,
    log = silentLog(),
    onRow,
    afterTurn = () => undefined,
  }: ReadOptions,
): Promise<void> {
  const scheduler = new Scheduler({ ...scheduleSettings(configuration, section), signal, afterTurn })
  const ofSource = {}
  const pipes = openPipes(resources, {
    section,
    configuration,
    log,
    scheduler,
    sinkOf: ({ isWritten, definition: { name } }) => {
      if (!isWritten) return undefined
      const take = (row: unknown): string => {
        onRow(name, row)
        return typedRowText(row, { notFinite: 0 })
      }
      return { take, mark: () => undefined }
    },
    recordOf: () => undefined,
    notesOf: () => {
      const ofResource = {}
      return { resourceState: () => ofResource, sourceState: () => ofSource }
    },
  })
  await scheduler.run(pipes.flatMap(({ pipe }) => pipe.feed ?? []))
}
