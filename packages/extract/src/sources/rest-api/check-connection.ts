import { Configuration, withoutSecrets } from '@gantry/common'
import type { RowsResource } from '../../extractable.ts'
import { withParents } from '../../extractable-sources.ts'
import { readRows } from '../../pipe/read-rows.ts'
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
  try {
    const configuration = Configuration.open()
    const place = { name: `Source "${source.name}"`, section: source.section, configuration }
    const chosen = names.length === 0 ? source : source.withResources(...names)
    for (const one of await chosen.selectedResources(configuration)) {
      await readFirst(withParents([one], {}, place), source.section, configuration)
    }
    return { ok: true, error: undefined }
  } catch (error) {
    return { ok: false, error: withoutSecrets(error instanceof Error ? error.message : String(error)) }
  }
}

async function readFirst(
  resources: readonly RowsResource[],
  section: string,
  configuration: Configuration,
): Promise<void> {
  const enough = new AbortController()
  const onRow = (): void => enough.abort(enough)
  try {
    await readRows(resources, { configuration, section, signal: enough.signal, onRow })
  } catch (error) {
    if (error !== enough) throw error
  }
}
