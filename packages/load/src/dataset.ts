import type { StageContext } from '@gantry/common'
import type { ReadOptions, Row } from './destinations/destination.ts'
import { openDestination } from './destinations/registry.ts'
import type { LoadRequest } from './request.ts'
import { resolveTarget, targetOfSchema } from './target.ts'

/** The tables that a pipeline has loaded. Nothing is opened before rows are asked for. */
export interface Dataset {
  /** Names of the tables, Gantry's own (`_dlt_…`) among them. */
  tableNames(): Promise<readonly string[]>
  table(name: string): DatasetTable
}

/** One table of a dataset. */
export interface DatasetTable {
  readonly name: string
  /**
   * All rows, in no order that is promised. Integers come as numbers while those are exact, else as bigint; decimals
   * as text; timestamps as `Date` and json parsed, or both as exact text by `exact`.
   */
  rows(options?: ReadOptions): AsyncIterable<Row>
}

/** The dataset of a pipeline. @param schema  whose tables are meant; undefined: the default one's */
export function openDataset(
  request: LoadRequest,
  context: Pick<StageContext, 'configuration'>,
  schema?: string,
): Dataset {
  const open = async (): ReturnType<typeof openDestination> => {
    const target = await resolveTarget(request, context)
    return openDestination({ ...(schema === undefined ? target : targetOfSchema(target, schema)), access: 'read' })
  }
  return {
    async tableNames() {
      await using destination = await open()
      return await destination.tableNames()
    },
    table: (name) => ({
      name,
      async *rows(options) {
        await using destination = await open()
        yield* destination.rows(name, options)
      },
    }),
  }
}
