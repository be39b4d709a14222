// How the cost of `gantry run` grows with rows, with columns of a table, and with lists in lists. Each file has about as
// many values as the one beside it, so that what differs is their shape.
import { contendersOn } from '../contenders.mjs'
import { writeDeep, writeOrders, writeWide } from '../data.mjs'
import { takeTurns } from '../rounds.mjs'

/** Of the orders, on average: root 12 values, 2.5 items of 4 and 2 tags of 1. */
const valuesOfOrder = 24
const values = 2_000_000

const shapes = {
  ...ofShapes('orders, rows x', [1, 2, 4], (factor) => {
    const rows = Math.round((factor * values) / 4 / valuesOfOrder)
    return { rows, values: rows * valuesOfOrder, write: (path) => writeOrders(path, rows) }
  }),
  ...ofShapes('columns', [5, 25, 125], (columns) => {
    const rows = values / columns
    return { rows, values, write: (path) => writeWide(path, rows, columns) }
  }),
  ...ofShapes('lists in lists', [0, 1, 3], (depth) => {
    const rowsOfRoot = (3 ** (depth + 1) - 1) / 2
    const rows = Math.round(values / 2 / rowsOfRoot)
    return { rows, values: rows * (1 + 2 * rowsOfRoot), write: (path) => writeDeep(path, rows, depth) }
  }),
}

function ofShapes(name, list, shapeOf) {
  return Object.fromEntries(list.map((size) => [`${name} ${size}`, shapeOf(size)]))
}

export async function measureGrowth(context) {
  const contenders = Object.entries(shapes).map(([name, { rows, write }]) => {
    const data = context.dataOf(`shape_${name.replaceAll(/\W+/g, '_')}`, { rows, write })
    const run = contendersOn(data, context)['gantry run']
    return [name, async () => (await run()).cost]
  })
  const start = contendersOn(context.dataOf('hundred'), context)['gantry run']
  const costs = await takeTurns(context.rounds, {
    'start alone': async () => (await start()).cost,
    ...Object.fromEntries(contenders),
  })
  const cpuOf = (name, stage) => costs[name].processes[stage].cpuSeconds
  const figures = Object.entries(shapes).flatMap(([name, shape]) =>
    ['normalize', 'load'].map((stage) => ({
      name: `${name}: ${stage}, CPU µs a value beyond the start`,
      value: ((cpuOf(name, stage) - cpuOf('start alone', stage)) * 1e6) / shape.values,
    })),
  )
  return [{ part: 'growth', costs, figures }]
}
