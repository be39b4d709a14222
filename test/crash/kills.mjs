// Which processes are killed, and when: once at every durable step, then at random moments.
import { durableSteps } from '@gantry/common'
import { killAfter, killAt } from './processes.mjs'

/**
 * The durable steps that loads of all dispositions pass, each once. Several of them disturb one trial, one after the
 * other, so that what a kill has left is found by a process that is killed in its turn.
 */
export function killsAtSteps({ starts }) {
  const mixed = starts.filter(({ way }) => way !== 'gantry run')
  const steps = durableSteps.filter((step) => mixed.some((start) => start.steps.has(step)))
  const each = Math.ceil(steps.length / killsOfTrial)
  const trials = Array.from({ length: each }, (_, at) => ({
    start: mixed[at % mixed.length],
    disturbances: steps.filter((_, index) => index % each === at).map(killAt),
  }))
  // Nothing is left to do after the last step, which only the command that started the process can know.
  const last = { start: starts.find(({ way }) => way === 'gantry run'), disturbances: [killAt('load:done')] }
  return [...trials, last]
}

/** Some kills at moments in which a stage is at work. */
export function killsAtRandom({ starts }, random) {
  const pick = (list) => list[Math.floor(random() * list.length)]
  const start = pick(starts)
  // Load is where most can go wrong. In the order of the stages, so that each is still to be done when it is to be killed.
  const stages = Array.from({ length: 1 + Math.floor(random() * 2 * killsOfTrial) }, () =>
    pick(['extract', 'normalize', 'load', 'load']),
  ).toSorted((a, b) => stagesInOrder.indexOf(a) - stagesInOrder.indexOf(b))
  const disturbances = stages.map((stage) => killAfter(stage, Math.floor(random() * start.lasting[stage])))
  return { start, disturbances }
}

const killsOfTrial = 3
const stagesInOrder = ['extract', 'normalize', 'load']
