import { InvalidUsage, JsonObject, parseJson, type PipelineState } from '@gantry/common'
import { userValueOf } from './incremental/cursor-value.ts'
import { typedRowText } from './typed-row.ts'

/** Keys in a state that are not for notes: states of resources in that of their source, cursors in theirs. */
const resources = 'resources'
const cursors = 'incremental'

/**
 * What sources and resources keep in the pipeline's state: cursors, and notes as plain maps that a user's code changes in
 * place. Notes come into the state by {@link SourceStates.save}.
 */
export class SourceStates {
  readonly #state: PipelineState
  readonly #notes = new Map<string, { readonly view: Notes; readonly save: () => void }>()

  constructor(state: PipelineState) {
    this.#state = state
  }

  cursor(source: string, resource: string, path: string): JsonObject | undefined {
    const records = this.#state.resourceState(source, resource)?.get(cursors)
    const record = records instanceof JsonObject ? records.get(path) : undefined
    return record instanceof JsonObject && record.size > 0 ? record : undefined
  }

  setCursor(source: string, resource: string, path: string, record: JsonObject): void {
    const own = this.#state.resourceState(source, resource) ?? new JsonObject()
    const records = own.get(cursors)
    const all = records instanceof JsonObject ? records : new JsonObject()
    all.set(path, record)
    own.set(cursors, all)
    this.#state.setResourceState(source, resource, own)
  }

  notesOfSource(source: string): Notes {
    return this.#open([source], resources, `source "${source}"`, {
      read: () => this.#state.sourceState(source),
      write: (own) => this.#state.setSourceState(source, own),
    })
  }

  notesOfResource(source: string, resource: string): Notes {
    return this.#open([source, resource], cursors, `resource "${resource}"`, {
      read: () => this.#state.resourceState(source, resource),
      write: (own) => this.#state.setResourceState(source, resource, own),
    })
  }

  /** @throws {InvalidUsage} a key that is not for notes @throws {InvalidRowValue} a value that JSON has no form for */
  save(): void {
    for (const { save } of this.#notes.values()) save()
  }

  #open(path: readonly string[], reserved: string, owner: string, place: Place): Notes {
    const key = JSON.stringify(path)
    const known = this.#notes.get(key)
    if (known !== undefined) return known.view
    const entries = [...(place.read()?.entries() ?? [])].filter(([name]) => name !== reserved)
    const view = userValueOf(JsonObject.of(entries)) as Notes
    this.#notes.set(key, { view, save: () => saveNotes(view, reserved, owner, place) })
    return view
  }
}

type Notes = Record<string, unknown>

interface Place {
  read(): JsonObject | undefined
  write(own: JsonObject): void
}

function saveNotes(notes: Notes, reserved: string, owner: string, place: Place): void {
  if (Object.hasOwn(notes, reserved)) {
    throw new InvalidUsage(`The state of ${owner} has a note "${reserved}", which is Gantry's own. Take another name.`)
  }
  const own = parseJson(typedRowText(notes, { notFinite: 0 })) as JsonObject
  const kept = place.read()?.get(reserved)
  if (kept !== undefined) own.set(reserved, kept)
  place.write(own)
}
