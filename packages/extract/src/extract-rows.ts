import type { ManifestFile, StageContext } from '@gantry/common'
import type { ExtractableSource, RowsResource } from './extractable.ts'
import type { Extraction } from './extraction.ts'
import { tryStaticHints } from './hints/hints-of-row.ts'
import { isRowSchema } from './hints/row-schema.ts'
import { openPipes, type OpenPipe } from './pipe/open-pipes.ts'
import { scheduleSettings } from './pipe/schedule-settings.ts'
import { Scheduler } from './pipe/schedule.ts'
import { ResourceWriter } from './resource-writer.ts'
import type { RowFiles } from './row-files.ts'
import type { SourceStates } from './source-states.ts'
import { WaitingRows } from './waiting-rows.ts'

/** A source, by the name of its schema. */
export type NamedSource = Pick<ExtractableSource, 'section' | 'resources'> & { readonly name: string }

/** Writes the rows that resources yield by turns, and declares their tables. */
export class RowsExtraction {
  readonly #source: NamedSource
  readonly #extraction: Extraction
  readonly #states: SourceStates
  readonly #context: StageContext
  readonly #waiting = new WaitingRows()
  readonly #files = new Map<RowsResource, RowFiles>()

  constructor(source: NamedSource, extraction: Extraction, states: SourceStates, context: StageContext) {
    this.#source = source
    this.#extraction = extraction
    this.#states = states
    this.#context = context
  }

  async run(resources: readonly RowsResource[]): Promise<void> {
    const { name, section } = this.#source
    const { configuration, log, signal } = this.#context
    const settings = scheduleSettings(configuration, section)
    const scheduler = new Scheduler({ ...settings, signal, afterTurn: () => this.#waiting.flushDue() })
    const states = this.#states
    const pipes = openPipes(resources, {
      section,
      configuration,
      log,
      scheduler,
      sinkOf: (resource) => (resource.isWritten ? this.#openWriter(resource) : undefined),
      recordOf: (resource, cursorPath) => states.cursor(name, resource, cursorPath),
      notesOf: (resource) => ({
        resourceState: () => states.notesOfResource(name, resource),
        sourceState: () => states.notesOfSource(name),
      }),
    })
    try {
      await scheduler.run(pipes.flatMap(({ pipe }) => pipe.feed ?? []))
      for (const pipe of pipes) await this.#finish(pipe)
    } catch (error) {
      for (const files of this.#files.values()) await files.abandon()
      throw error
    }
  }

  #openWriter(resource: RowsResource): ResourceWriter {
    const { name, hints, definition } = resource
    const { package_, fileIds } = this.#extraction
    const { log, progress } = this.#context
    const { columns } = hints
    if (isRowSchema(columns) && columns['~standard'].jsonSchema === undefined) {
      const { vendor } = columns['~standard']
      log.warn({ vendor }, 'The schema of the rows has no JSON Schema: it checks rows, but gives columns no types')
    }
    // The order of the files is that of the resources, whichever is the first to have rows.
    const ids = [fileIds.next()]
    const writer = new ResourceWriter({
      name,
      hints,
      package_,
      waiting: this.#waiting,
      nextFileId: () => ids.pop() ?? fileIds.next(),
      declare: (table, ofTable) => this.#extraction.declare({ name, hints: ofTable }, table),
      onRows: (done) => progress.update('extract', { name: definition.name, unit: 'rows', done }),
    })
    this.#files.set(resource, writer.files)
    return writer
  }

  async #add({ name, hints }: RowsResource, files: readonly ManifestFile[]): Promise<void> {
    if (files.length > 0) return this.#extraction.addFiles(name, files)
    // What depends on the rows is not known without any.
    const declared = tryStaticHints(hints)
    if (declared !== undefined) await this.#extraction.addEmptied({ name, hints: declared })
  }

  async #finish({ resource, check, cursor }: OpenPipe): Promise<void> {
    const { log } = this.#context
    const { name } = resource.definition
    const files = this.#files.get(resource)
    files?.report(log)
    if (files !== undefined) await this.#add(resource, await files.close())
    const record = cursor?.record()
    if (record !== undefined) this.#states.setCursor(this.#source.name, name, cursor?.path ?? '', record)
    if (check === undefined || check.discarded === 0) return
    log.warn(
      { resource: name, rows: check.discarded },
      'Rows that do not fit the schema of their columns were left out',
    )
  }
}
