import { choiceOf, countOf, lookupPaths, resolveConfig, type Configuration, type StageContext } from '@gantry/common'
import type { ExtractableSource, RowsResource } from './extractable.ts'
import type { Extraction } from './extraction.ts'
import { rowCheckOf, type RowCheck } from './hints/row-check.ts'
import { isRowSchema } from './hints/row-schema.ts'
import { ResourceCursor } from './incremental/resource-cursor.ts'
import { Pipe } from './pipe/pipe.ts'
import { Scheduler, type ScheduleOptions } from './pipe/schedule.ts'
import { nextItemModes } from './pipe/turns.ts'
import { ResourceWriter } from './resource-writer.ts'
import type { RowFiles } from './row-files.ts'
import type { SourceStates } from './source-states.ts'
import { WaitingRows } from './waiting-rows.ts'

/*
 * The resources of a source into the files of a package: input files one after the other, rows by turns.
 */

/** Writes what the resources of a source yield, and declares their tables. */
export async function extractResources(
  source: NamedSource,
  extraction: Extraction,
  states: SourceStates,
  context: StageContext,
): Promise<void> {
  const rows: RowsResource[] = []
  for (const resource of source.resources) {
    if (resource.kind === 'file') await extraction.addInput(resource)
    else rows.push(resource)
  }
  await new RowsExtraction(source, extraction, states, context).run(rows)
}

type NamedSource = Pick<ExtractableSource, 'section' | 'resources'> & { readonly name: string }

/** A resource at work. */
interface AtWork {
  readonly resource: RowsResource
  readonly pipe: Pipe
  readonly check: RowCheck | undefined
  readonly cursor: ResourceCursor | undefined
  readonly files: RowFiles | undefined
}

class RowsExtraction {
  readonly #source: NamedSource
  readonly #extraction: Extraction
  readonly #states: SourceStates
  readonly #context: StageContext
  readonly #waiting = new WaitingRows()
  readonly #scheduler: Scheduler

  constructor(source: NamedSource, extraction: Extraction, states: SourceStates, context: StageContext) {
    this.#source = source
    this.#extraction = extraction
    this.#states = states
    this.#context = context
    this.#scheduler = new Scheduler({
      ...scheduleSettings(context.configuration, source.section),
      signal: context.signal,
      afterTurn: () => this.#waiting.flushDue(),
    })
  }

  async run(resources: readonly RowsResource[]): Promise<void> {
    const works = new Map(resources.map((resource) => [resource, this.#open(resource)]))
    for (const { resource, pipe } of works.values()) {
      if (resource.parent !== undefined) works.get(resource.parent)?.pipe.children.push(pipe)
    }
    try {
      await this.#scheduler.run([...works.values()].flatMap(({ pipe }) => pipe.feed ?? []))
      for (const work of works.values()) await this.#finish(work)
    } catch (error) {
      for (const { files } of works.values()) await files?.abandon()
      throw error
    }
  }

  /** @throws {InvalidHint} @throws {ConfigFieldMissing} */
  #open(resource: RowsResource): AtWork {
    const { log, configuration } = this.#context
    const { hints, definition } = resource
    const { name, config, section = this.#source.section ?? name } = definition
    const { columns } = hints
    if (isRowSchema(columns) && columns['~standard'].jsonSchema === undefined) {
      const { vendor } = columns['~standard']
      log.warn({ vendor }, 'The schema of the rows has no JSON Schema: it checks rows, but gives columns no types')
    }
    const check = rowCheckOf(hints, `"${name}"`)
    const cursor = this.#openCursor(resource)
    const writer = resource.isWritten ? this.#openWriter(resource) : undefined
    const pipe = new Pipe({
      definition,
      check,
      cursor,
      sink: writer,
      scheduler: this.#scheduler,
      log,
      context: {
        cursor,
        config: resolveConfig(config, { sections: ['sources', section, name] }, `Resource "${name}"`, configuration),
        signal: this.#scheduler.signal,
        resourceState: () => this.#states.notesOfResource(this.#source.name, name),
        sourceState: () => this.#states.notesOfSource(this.#source.name),
      },
    })
    return { resource, pipe, check, cursor, files: writer?.files }
  }

  #openCursor({ hints, definition }: RowsResource): ResourceCursor | undefined {
    const { incremental, primaryKey = [] } = hints
    if (incremental === undefined) return undefined
    const record = this.#states.cursor(this.#source.name, definition.name, incremental.cursorPath)
    return new ResourceCursor(incremental, record, {
      resource: definition.name,
      primaryKey: primaryKey.length === 0 ? undefined : primaryKey,
      log: this.#context.log,
    })
  }

  #openWriter({ name, hints, definition }: RowsResource): ResourceWriter {
    const { package_, fileIds } = this.#extraction
    // The order of the files is that of the resources, whichever is the first to have rows.
    const ids = [fileIds.next()]
    return new ResourceWriter({
      name,
      hints,
      package_,
      waiting: this.#waiting,
      nextFileId: () => ids.pop() ?? fileIds.next(),
      declare: (table, ofTable) => this.#extraction.declare({ name, hints: ofTable }, table),
      onRows: (done) => this.#context.progress.update('extract', { name: definition.name, unit: 'rows', done }),
    })
  }

  async #finish({ resource, check, cursor, files }: AtWork): Promise<void> {
    const { log } = this.#context
    const { name } = resource.definition
    files?.report(log)
    if (files !== undefined) await this.#extraction.addFiles(resource, await files.close())
    const record = cursor?.record()
    if (record !== undefined) this.#states.setCursor(this.#source.name, name, cursor?.path ?? '', record)
    if (check === undefined || check.discarded === 0) return
    log.warn(
      { resource: name, rows: check.discarded },
      'Rows that do not fit the schema of their columns were left out',
    )
  }
}

/** The section `extract` of the configuration, or that of a source in it. @throws {InvalidUsage} */
function scheduleSettings(
  configuration: Configuration,
  section = '',
): Pick<ScheduleOptions, 'workers' | 'maxParallelItems' | 'nextItemMode'> {
  const paths = lookupPaths({ sections: ['sources', section], own: 'extract' })
  const find = (key: string): ReturnType<Configuration['find']> => configuration.find(key, paths)
  return {
    workers: countOf(find('workers'), 1) ?? 5,
    maxParallelItems: countOf(find('max_parallel_items'), 1) ?? 20,
    nextItemMode: choiceOf(find('next_item_mode'), nextItemModes) ?? 'round_robin',
  }
}
