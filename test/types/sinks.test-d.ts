import { config, defineSink, pipeline, secrets, type SinkRow } from 'gantry'

/*
 * Types flow from options of a sink to its function, without a cast. Nothing here runs: see pipes.test-d.ts.
 */

/** Compiles where both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function check<_ extends true>(): void {}

// Configuration arrives with its types.
const crm = defineSink(
  { name: 'crm', config: { apiKey: secrets.value(), tries: config.value({ type: 'number', default: 3 }), to: 'eu' } },
  async (items, table, context) => {
    check<Same<typeof items, SinkRow[]>>()
    check<Same<typeof context.config.apiKey, string>>()
    check<Same<typeof context.config.tries, number>>()
    check<Same<typeof context.config.to, string>>()
    check<Same<typeof context.signal, AbortSignal>>()
    for (const column of table.columns.values()) check<Same<typeof column.name, string>>()
    await Promise.resolve()
  },
)
pipeline({ destination: crm })

// What declares nothing gets nothing.
defineSink({ name: 'plain', batchSize: 100 }, (items, _, context) => {
  check<Same<typeof items, SinkRow[]>>()
  // @ts-expect-error no such setting is declared
  return context.config.apiKey
})

// Whole files are paths; Parquet comes in no other way.
defineSink({ name: 'files', batchSize: 0, loaderFileFormat: 'parquet' }, (path) => {
  check<Same<typeof path, string>>()
})
// @ts-expect-error rows of Parquet
defineSink({ name: 'rows', loaderFileFormat: 'parquet' }, () => undefined)
