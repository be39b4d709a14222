import type { StageContext } from '@gantry/common'
import type { RowsResource } from './extractable.ts'
import type { NamedSource } from './extract-rows.ts'
import type { Extraction } from './extraction.ts'
import type { SourceStates } from './source-states.ts'

/**
 * Writes what the resources of a source yield into the files of a package, and declares their tables: input files one
 * after the other, rows by turns.
 */
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
  if (rows.length === 0) return
  // Files alone need nothing of what runs generators.
  const { RowsExtraction } = await import('./extract-rows.ts')
  await new RowsExtraction(source, extraction, states, context).run(rows)
}
