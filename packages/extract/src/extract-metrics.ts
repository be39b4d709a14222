import {
  packageMetrics,
  sumMetrics,
  type ExtractMetrics,
  type LoadPackage,
  type ManifestFile,
  type WriterMetrics,
} from '@gantry/common'
import type { Extraction } from './extraction.ts'

/**
 * What was written into a package: first the data, then the state, where it has that.
 *
 * @param stateFile  undefined: no package has any
 */
export async function extractMetrics(
  package_: LoadPackage,
  { files, resources, schema }: Extraction,
  stateFile: ManifestFile | undefined,
  times: { readonly startedAtMs: number; readonly dataAtMs: number; readonly finishedAtMs: number },
): Promise<ExtractMetrics[]> {
  const measured = async (of: readonly ManifestFile[], fromMs: number, toMs: number): Promise<ExtractMetrics> => {
    const metrics = await packageMetrics(package_, of, fromMs, toMs)
    const byResource = of.map(
      ({ job_id: job, table }) => [resources.get(job) ?? table, metrics.jobMetrics[job] as WriterMetrics] as const,
    )
    return { ...metrics, schemaName: schema.name, resourceMetrics: sumMetrics(byResource) }
  }
  const data = files.filter((file) => file !== stateFile)
  const metrics = [await measured(data, times.startedAtMs, times.dataAtMs)]
  if (stateFile !== undefined && files.includes(stateFile)) {
    metrics.push(await measured([stateFile], times.dataAtMs, times.finishedAtMs))
  }
  return metrics
}
