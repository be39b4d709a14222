import { pipeline, resource } from 'gantry'

/*
 * A program that extracts many resources, or many rows, and says what became of it and how much memory it took:
 * node extract-program.mjs <pipelines dir> <small resources> <rows of a large one> <row at which it throws, or 0>
 */

const [dir, ...numbers] = process.argv.slice(2)
const [small, rows, failsAt] = numbers.map(Number)

// More than may wait in memory, taken together.
const note = 'x'.repeat(10_000)

const smallOnes = Array.from({ length: small }, (_, at) =>
  resource({ name: `small_${at}`, parallelized: at % 2 === 0 }, async function* () {
    for (let id = 0; id < 10; id++) {
      if (id % 5 === 0) await new Promise((resolve) => setImmediate(resolve))
      yield { id, resource: at, note }
    }
  }),
)
const large = resource({ name: 'large' }, function* () {
  for (let id = 1; id <= rows; id++) {
    if (id === failsAt) throw new Error(`row ${id} cannot be read`)
    yield { id, name: `name of ${id}`, amount: id / 4 }
  }
})

const p = pipeline({ pipelineName: 'many', pipelinesDir: dir, destination: 'duckdb' })
const startedAt = performance.now()
const done = await p.extract(rows > 0 ? [...smallOnes, large] : smallOnes).then(
  () => ({}),
  (error) => ({ error: error.message }),
)
const rssMb = Math.round(process.resourceUsage().maxRSS / 1024)
console.log(JSON.stringify({ ...done, rssMb, seconds: Number(((performance.now() - startedAt) / 1000).toFixed(1)) }))
