// A file from beginning to end: `gantry run`, DuckDB by itself, Python dlt as it is and tuned. Their tables are compared
// before their times are.
import { contendersOn } from '../contenders.mjs'
import { onEach } from '../each-data.mjs'
import { takeTurns } from '../rounds.mjs'
import { compareTables } from '../tables.mjs'

export const measureRun = (context) => onEach(['orders', 'events'], context, measureRunOf)

async function measureRunOf(data, context) {
  const contenders = contendersOn(data, context)
  let tables
  let expected
  const compared = Object.entries(contenders).map(([who, load]) => [
    who,
    async (round) => {
      const result = await load()
      if (round === 0 && expected === undefined) expected = result.tables
      else if (round === 0) tables = await compareTables(expected, result.tables, data.name)
      return result.cost
    },
  ])
  const costs = await takeTurns(context.rounds, Object.fromEntries(compared))
  const { 'gantry run': gantry, 'gantry run of a program': program } = costs
  const { 'DuckDB itself': duckdb, dlt, 'dlt tuned': tuned } = costs
  const rows = Object.values(tables).reduce((sum, count) => sum + count, 0)
  const figure = (name, value) => ({ name: `${data.name}: ${name}`, value })
  const ofStages = (one) =>
    ['extract', 'normalize', 'load'].map((stage) =>
      figure(`dlt tuned / gantry run, ${stage}`, one.stages[stage] / gantry.stages[stage]),
    )
  return {
    part: 'run',
    data,
    tables,
    costs,
    figures: [
      figure('gantry run, MB/s', data.megabytes / gantry.seconds),
      figure('gantry run, rows/s', rows / gantry.seconds),
      figure('gantry run / DuckDB itself', gantry.seconds / duckdb.seconds),
      figure('gantry run / DuckDB itself, CPU', gantry.cpuSeconds / duckdb.cpuSeconds),
      ...(dlt === undefined
        ? []
        : [
            figure('dlt / gantry run', dlt.seconds / gantry.seconds),
            figure('dlt tuned / gantry run', tuned.seconds / gantry.seconds),
            figure('dlt / gantry run of a program', dlt.seconds / program.seconds),
            figure('dlt tuned / gantry run of a program', tuned.seconds / program.seconds),
            ...ofStages(tuned),
            figure('peak memory of gantry run / dlt tuned', gantry.peakMb / tuned.peakMb),
          ]),
    ],
  }
}
