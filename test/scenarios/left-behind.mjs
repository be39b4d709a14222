import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, testFolder } from '../support/gantry.mjs'
import { compareStep } from './compare.mjs'
import { destinationOf, openPipeline, runStep } from './gantry-step.mjs'
import { inspectDataset } from './inspect.mjs'
import { readerOf } from './readers/duckdb-reader.mjs'
import { Loads } from './symbols.mjs'

const archives = join(root, 'test/fixtures/dlt-made/folders')

/**
 * Unpacks a working folder that Python dlt left, and lets Gantry finish what is to do.
 *
 * @returns `before` and `after`: what differs from what is expected; and what Gantry threw, if it did
 */
export async function finishLeftBehind(name) {
  const made = JSON.parse(readFileSync(join(archives, `${name}.json`), 'utf8'))
  const folder = await testFolder(name)
  const { status, stderr } = spawnSync('tar', ['xzf', join(archives, made.archive), '-C', folder], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`tar: ${stderr}`)
  const reader = readerOf(join(folder, made.duckdb_file))
  const { pipeline_name: pipelineName, dataset_name: datasetName } = made
  const judge = async (expected) => {
    const dataset = await inspectDataset(reader, datasetName, pipelineName)
    const found = { error: null, dataset, datasetName }
    const loads = new Loads()
    const ids = dataset?.dltTables._dlt_loads?.rows.map((row) => row.load_id) ?? []
    loads.add(ids.filter((id) => !JSON.stringify(expected).includes(id)))
    return compareStep(inScenarioForm(expected), found, { loads, from: 0, until: Date.now() + 1000 })
  }
  const before = made.expect_before === undefined ? [] : await judge(made.expect_before)
  const destination = destinationOf('duckdb', reader.credentials)
  const pipelinesDir = join(folder, 'pipelines')
  const pipeline = openPipeline({ pipelineName, pipelinesDir, datasetName, destination })
  const { error } =
    made.next_run === undefined ? await finish(pipeline) : await runStep(pipeline, { run: made.next_run })
  return { before, after: error === null ? await judge(made.expect_after) : [], error }
}

async function finish(pipeline) {
  try {
    await pipeline.run()
    return { error: null }
  } catch (error) {
    return { error }
  }
}

/** The expectations as those of a scenario's step: what they leave out may be anything. */
function inScenarioForm({ tables, _dlt_loads: loads, _dlt_version: versions, _dlt_pipeline_state: state }) {
  const schema = '@schema document as JSON text'
  const expected = {
    tables,
    dlt_tables: {
      _dlt_loads: { row_count: loads.length, rows: loads.map((row) => ({ ...row, inserted_at: '@any' })) },
      _dlt_version: {
        row_count: versions.length,
        rows: versions.map((row) => ({ ...row, inserted_at: '@any', schema })),
      },
    },
    remote_state: state.latest,
  }
  return JSON.parse(JSON.stringify(expected).replaceAll(/@new(\d+)/g, '@load$1'))
}
