import { InvalidUsage, type ExtractDataInfo } from '@gantry/common'
import type { StaticHints } from './hints/hints.ts'
import type { ResourceDefinition, ResourceHints } from './resource.ts'
import type { SourceSettings } from './source.ts'
import { describeInput, tableOfPath, type Input } from './sources/files/input.ts'

/*
 * What is extracted, in the one form in which the stage takes it: resources by the schema that their tables go to.
 */

/** Something that yields rows. */
export type Extractable = RowsResource | FileResource

export interface RowsResource {
  readonly kind: 'rows'
  /** Undefined for bare rows: each of their tables counts as a resource. */
  readonly name: string | undefined
  readonly hints: ResourceHints
  readonly definition: ResourceDefinition
  /** The resource whose pages a transformer gets; it is among the source's. */
  readonly parent: RowsResource | undefined
  /** False: it is read for the sake of its transformers alone. */
  readonly isWritten: boolean
}

/** An input file, which is copied as it is. */
export interface FileResource {
  readonly kind: 'file'
  readonly name: string
  readonly hints: StaticHints
  readonly input: Input
  readonly isWritten: true
}

/** What goes into one schema. */
export interface ExtractableSource {
  /** Name of the schema; undefined: the pipeline's default schema. */
  readonly name: string | undefined
  /** Of the configuration; undefined: each resource has its own. */
  readonly section: string | undefined
  readonly settings: SourceSettings
  readonly resources: readonly Extractable[]
}

/** What a resource was made of, for the step's info: `Array`, `AsyncGenerator`, `file`, …; bare rows have no name. */
export function describeExtractable(one: Extractable): ExtractDataInfo {
  if (one.kind === 'file') return { name: one.name, dataType: 'file' }
  const { head } = one.definition
  const dataType =
    head.kind === 'pages' ? 'transformer' : Object.prototype.toString.call(head.data).slice('[object '.length, -1)
  return { name: one.name ?? '', dataType }
}

/** Resources that go to the pipeline's default schema. */
export function bareSource(resources: readonly Extractable[]): ExtractableSource {
  return { name: undefined, section: undefined, settings: {}, resources }
}

/** An input file as a resource; the table is `--table`, else the stem of its name. @throws {InvalidUsage} */
export function fileResource(path: string, hints: StaticHints): FileResource {
  const name = hints.tableName ?? tableOfPath(path)
  if (name.trim() === '') throw new InvalidUsage('A table name must not be empty.')
  return { kind: 'file', name, hints: { ...hints, tableName: name }, input: describeInput(path), isWritten: true }
}
