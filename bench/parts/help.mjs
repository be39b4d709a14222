// What a process costs before it does anything.
import { binOf, measure } from '../processes.mjs'
import { takeTurns } from '../rounds.mjs'

export async function measureHelp(context) {
  const of = (args) => async () => (await measure(context.node, args, context)).cost
  const costs = await takeTurns(2 * context.rounds + 1, {
    'node alone': of(['--eval', '0']),
    'gantry --help': of([binOf('pipeline'), '--help']),
    'gantry-extract --help': of([binOf('extract'), '--help']),
    'gantry-normalize --help': of([binOf('normalize'), '--help']),
    'gantry-load --help': of([binOf('load'), '--help']),
  })
  return [
    {
      part: 'help',
      costs,
      figures: [
        { name: 'gantry --help, CPU ms', value: costs['gantry --help'].cpuSeconds * 1000 },
        { name: 'node alone, CPU ms', value: costs['node alone'].cpuSeconds * 1000 },
      ],
    },
  ]
}
