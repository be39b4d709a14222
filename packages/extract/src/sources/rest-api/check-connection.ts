import { withoutSecrets } from '@gantry/common'
import { openRows } from '../../extractable.ts'
import type { Source } from '../../source.ts'

/** Whether a source answers, and if not, what it said. */
export interface ConnectionCheck {
  readonly ok: boolean
  readonly error: string | undefined
}

/**
 * Takes the first rows of the named resources, and of all where none is named, and says whether that went well. Nothing is
 * loaded.
 */
export async function checkConnection(source: Source, ...names: readonly string[]): Promise<ConnectionCheck> {
  const { signal } = new AbortController()
  const state = {}
  const run = { cursor: undefined, signal, resourceState: () => state, sourceState: () => state }
  try {
    const chosen = names.length === 0 ? source : source.withResources(...names)
    for (const { name, data } of await chosen.selectedResources()) {
      for await (const _ of await openRows(name, data, run)) break
    }
    return { ok: true, error: undefined }
  } catch (error) {
    return { ok: false, error: withoutSecrets(error instanceof Error ? error.message : String(error)) }
  }
}
