// The normalize stage alone, from data that was extracted once, with its yardsticks in alternating rounds.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { benchFolder, copyFolder, measureNode, run, stageBin } from './measure.mjs'
import { medianCost } from './report.mjs'

/** Input of `--memory` beside the one that was asked for, as a multiple of it. */
const memoryFactor = 10

export async function benchNormalize(options) {
  const { name, rows, dataOf, rounds } = options
  const { path, megabytes } = dataOf(rows)
  const gantry = await gantryOn(path, options)
  const dlt = options.python === undefined ? {} : await dltOn(path, options)
  const costs = {}
  for (let round = 0; round < rounds; round++) {
    const contenders = {
      parse: () => measureNode([join(benchFolder, 'yardsticks/json-parse.mjs'), path], options),
      normalize: () => gantry.normalize(),
      ...dlt,
    }
    for (const [what, measure] of Object.entries(contenders)) (costs[what] ??= []).push(await measure())
  }
  gantry.remove()
  const medians = Object.fromEntries(Object.entries(costs).map(([what, list]) => [what, medianCost(list)]))
  const { parse, normalize } = medians
  return {
    bench: 'normalize',
    name,
    rows,
    megabytes,
    rounds,
    workers: options.workers,
    costs: medians,
    ratios: {
      'normalize MB/s a core': megabytes / normalize.cpuSeconds,
      'normalize CPU / JSON.parse CPU': normalize.cpuSeconds / parse.cpuSeconds,
      ...Object.fromEntries(
        Object.keys(dlt).flatMap((what) => [
          [`${what} CPU / normalize CPU`, medians[what].cpuSeconds / normalize.cpuSeconds],
          [`${what} wall / normalize wall`, medians[what].seconds / normalize.seconds],
        ]),
      ),
    },
    ...(options.isMemory ? { memory: await peaks(options) } : {}),
  }
}

/** Peak memory of normalize for the rows that were asked for, and for ten times as many. */
async function peaks(options) {
  const measured = []
  for (const rows of [options.rows, options.rows * memoryFactor]) {
    const { path, megabytes } = options.dataOf(rows)
    const gantry = await gantryOn(path, options)
    const { peakMb, seconds } = await gantry.normalize()
    gantry.remove()
    measured.push({ rows, megabytes, peakMb, seconds })
  }
  return { measured, growth: measured[1].peakMb / measured[0].peakMb }
}

/** Gantry with the file extracted; each call normalizes a copy of the package in a process of its own. */
async function gantryOn(path, { name, folder, workers, fileFormat }) {
  const extracted = join(folder, 'gantry-extracted')
  const home = join(folder, 'gantry')
  const flags = ['--pipeline-name', name, '--progress', 'off']
  await run(process.execPath, [stageBin('extract'), path, ...flags], { DLT_DATA_DIR: extracted })
  return {
    async normalize() {
      copyFolder(extracted, home)
      const format = fileFormat === undefined ? [] : ['--file-format', fileFormat]
      const args = [stageBin('normalize'), ...flags, '--workers', String(workers), ...format]
      const cost = await measureNode(args, { folder, env: { DLT_DATA_DIR: home } })
      rmSync(home, { recursive: true })
      return cost
    },
    remove: () => rmSync(extracted, { recursive: true }),
  }
}

/** Python dlt with the file extracted, once for each load file format that it can write. */
async function dltOn(path, { name, folder, python }) {
  const script = join(benchFolder, 'yardsticks/dlt_normalize.py')
  const home = join(folder, 'dlt')
  const contenders = {}
  for (const format of JSON.parse((await run(python, [script, 'formats'])).stdout)) {
    const extracted = join(folder, `dlt-${name}-${format}`)
    await run(python, [script, 'extract', extracted, name, path, format])
    contenders[`dlt ${format}`] = async () => {
      copyFolder(extracted, home)
      const { stdout } = await run(python, [script, 'normalize', home, name])
      rmSync(home, { recursive: true })
      return JSON.parse(stdout.trim().split('\n').at(-1))
    }
  }
  return contenders
}
