// What a process costs that does the same several times: from the third time on, its code is compiled and in shape.
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { benchFolder, measure } from './processes.mjs'
import { median } from './rounds.mjs'

const passes = 6
const passesBefore = 2

/** In that process: does it, and prints what each pass cost. */
export async function runPasses(pass, prepare = () => undefined) {
  const costs = []
  for (let at = 0; at < passes; at++) {
    prepare()
    const start = performance.now()
    const before = process.cpuUsage()
    await pass()
    const { user, system } = process.cpuUsage(before)
    costs.push({ seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6 })
  }
  console.log(JSON.stringify(costs))
}

/** @returns the medians of the passes of a yardstick that are warm */
export async function measureWarm(yardstick, args, { node, folder }) {
  const script = join(benchFolder, 'yardsticks', yardstick)
  const { cost, stdout } = await measure(node, [script, ...args], { folder })
  const warm = JSON.parse(stdout).slice(passesBefore)
  const of = (key) => median(warm.map((one) => one[key]))
  return { seconds: of('seconds'), cpuSeconds: of('cpuSeconds'), peakMb: cost.peakMb }
}
