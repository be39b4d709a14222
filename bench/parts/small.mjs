// The daily case: 100 rows, all processes and imports included.
import { contendersOn } from '../contenders.mjs'
import { takeTurns } from '../rounds.mjs'

export async function measureSmall(context) {
  const data = context.dataOf('hundred')
  const { 'gantry run': gantry, dlt } = contendersOn(data, context)
  const costs = await takeTurns(2 * context.rounds + 1, {
    'gantry run': async () => (await gantry()).cost,
    ...(dlt === undefined ? {} : { dlt: async () => (await dlt()).cost }),
  })
  return [
    {
      part: 'small',
      data,
      costs,
      figures: [
        { name: '100 rows: gantry run, s', value: costs['gantry run'].seconds },
        ...(dlt === undefined
          ? []
          : [{ name: '100 rows: gantry run / dlt', value: costs['gantry run'].seconds / costs.dlt.fromSpawn }]),
      ],
    },
  ]
}
