// node normalize-warm.mjs <data folder> <copy> <pipeline> <format>: normalizes copies of an extracted package.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from '../../packages/pipeline/dist/index.js'
import { runPasses } from '../passes.mjs'
import { copyFolder } from '../processes.mjs'

const [extracted, copy, pipelineName, loaderFileFormat] = process.argv.slice(2)
const normalizing = pipeline({ pipelineName, pipelinesDir: join(copy, 'pipelines'), destination: 'duckdb' })
await runPasses(
  () => normalizing.normalize({ workers: 1, loaderFileFormat }),
  () => {
    rmSync(copy, { recursive: true, force: true })
    copyFolder(extracted, copy)
  },
)
rmSync(copy, { recursive: true })
