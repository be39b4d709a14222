import { resolveConfig, type Configuration, type JsonObject, type Logger } from '@gantry/common'
import type { RowsResource } from '../extractable.ts'
import { rowCheckOf, type RowCheck } from '../hints/row-check.ts'
import { ResourceCursor } from '../incremental/resource-cursor.ts'
import type { ResourceContext } from '../resource-context.ts'
import { Pipe, type RowSink } from './pipe.ts'
import type { Scheduler } from './schedule.ts'

/** What resources at work have around them. */
export interface Surroundings {
  /** Of the configuration; undefined: each resource has its own. */
  readonly section: string | undefined
  readonly configuration: Configuration
  readonly log: Logger
  readonly scheduler: Scheduler
  /** Undefined: the rows of the resource are for transformers alone. */
  readonly sinkOf: (resource: RowsResource) => RowSink | undefined
  /** What the state has of the cursor of a resource. */
  readonly recordOf: (resource: string, cursorPath: string) => JsonObject | undefined
  readonly notesOf: (resource: string) => Pick<ResourceContext, 'resourceState' | 'sourceState'>
}

/** A resource at work. */
export interface OpenPipe {
  readonly resource: RowsResource
  readonly pipe: Pipe
  readonly check: RowCheck | undefined
  readonly cursor: ResourceCursor | undefined
}

/**
 * Makes pipes of resources, transformers bound to their parents.
 *
 * @throws {InvalidHint} @throws {ConfigFieldMissing}
 */
export function openPipes(resources: readonly RowsResource[], around: Surroundings): OpenPipe[] {
  const pipes = new Map(resources.map((resource) => [resource, openPipe(resource, around)]))
  for (const { resource, pipe } of pipes.values()) {
    if (resource.parent !== undefined) pipes.get(resource.parent)?.pipe.children.push(pipe)
  }
  return [...pipes.values()]
}

function openPipe(resource: RowsResource, around: Surroundings): OpenPipe {
  const { configuration, log, scheduler, sinkOf, notesOf } = around
  const { hints, definition } = resource
  const { name, config, section = around.section ?? name } = definition
  const check = rowCheckOf(hints, `"${name}"`)
  const cursor = openCursor(resource, around)
  const pipe = new Pipe({
    definition,
    check,
    cursor,
    sink: sinkOf(resource),
    scheduler,
    log,
    context: {
      cursor,
      config: resolveConfig(config, { sections: ['sources', section, name] }, `Resource "${name}"`, configuration),
      signal: scheduler.signal,
      ...notesOf(name),
    },
  })
  return { resource, pipe, check, cursor }
}

function openCursor({ hints, definition }: RowsResource, { recordOf, log }: Surroundings): ResourceCursor | undefined {
  const { incremental, primaryKey = [] } = hints
  if (incremental === undefined) return undefined
  return new ResourceCursor(incremental, recordOf(definition.name, incremental.cursorPath), {
    resource: definition.name,
    primaryKey: typeof primaryKey !== 'function' && primaryKey.length === 0 ? undefined : primaryKey,
    log,
  })
}
