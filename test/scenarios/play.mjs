import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareStep } from './compare.mjs'
import { destinationOf, openPipeline, runStep } from './gantry-step.mjs'
import { inspectDataset, inspectWorkingFolder, loadIdsIn } from './inspect.mjs'
import { NotYet } from './not-yet.mjs'
import { openReader } from './readers/open-reader.mjs'
import { stepsFor } from './scenario.mjs'
import { withSettings } from './settings.mjs'
import { Loads } from './symbols.mjs'

/**
 * Plays a scenario on one engine, in a working folder of its own and an empty database.
 *
 * @param open  gives the database, as `openReader` does
 * @returns `problems`: what differs, as `{ step, key, text }` with steps counted from 1; empty where all is as expected.
 *   After the first step with a difference it goes no further. `notYet`: what the library does not have yet, so that the
 *   scenario was not played to its end.
 */
export async function play(scenario, engine, open = openReader) {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-scenario-'))
  let reader
  try {
    reader = await open(engine, folder)
    return { problems: await new Play(scenario, engine, folder, reader).play() }
  } catch (error) {
    if (error instanceof NotYet) return { problems: [], notYet: error.message }
    return { problems: [{ step: '?', key: 'the runner', text: error.stack ?? String(error) }] }
  } finally {
    await reader?.close()
    await rm(folder, { recursive: true, force: true })
  }
}

class Play {
  #scenario
  #engine
  #reader
  #pipelinesDir
  #loads = new Loads()
  #rowIds = new Map()
  #pipeline
  #startedAtMs = Date.now() - 1000

  constructor(scenario, engine, folder, reader) {
    this.#scenario = scenario
    this.#engine = engine
    this.#reader = reader
    this.#pipelinesDir = join(folder, 'pipelines')
  }

  async play() {
    for (const [at, step] of stepsFor(this.#scenario, this.#engine).entries()) {
      const problems = await this.#step(step)
      if (problems.length > 0) return problems.map((problem) => ({ step: at + 1, ...problem }))
    }
    return []
  }

  async #step(step) {
    const { pipeline_name: pipelineName, dataset_name: dataset, ...options } = { ...this.#names(), ...step.pipeline }
    if (step.sql !== undefined) {
      await this.#reader.execute(step.sql.map((statement) => statement.replaceAll('{ds}', dataset)))
    }
    if (step.wipe_working_folder) await rm(join(this.#pipelinesDir, pipelineName), { recursive: true, force: true })
    if (step.drop_dataset !== undefined) await this.#reader.dropDataset(step.drop_dataset)
    if (step.expect === undefined) return []
    const found = await withSettings({ ...this.#scenario.config, ...step.config }, async () => {
      if (!step.same_object) {
        const destination = this.#destination(step)
        const pipelinesDir = this.#pipelinesDir
        this.#pipeline = openPipeline({ pipelineName, pipelinesDir, datasetName: dataset, destination, options })
      }
      return runStep(this.#pipeline, step)
    })
    return this.#judge(step.expect, found, pipelineName)
  }

  #names() {
    const { pipeline_name, dataset_name, pipeline } = this.#scenario
    return { pipeline_name, dataset_name, ...pipeline }
  }

  #destination(step) {
    const options = { ...this.#scenario.destination_options, ...step.destination_options }
    return destinationOf(this.#engine, this.#reader.credentials, options)
  }

  async #judge(expect, { loadInfo, rowCounts, pages, error }, pipelineName) {
    const { datasetName } = this.#pipeline
    const dataset = await inspectDataset(this.#reader, datasetName, pipelineName)
    const loaded = dataset?.dltTables['_dlt_loads']?.rows.map((row) => row.load_id) ?? []
    this.#loads.add([...loadIdsIn(this.#pipelinesDir), ...loaded], expect)
    const found = {
      error,
      loadPackages: loadInfo?.loadPackages.map(describePackage),
      rowCounts,
      pagesPulled: pages,
      dataset,
      datasetName,
      ...inspectWorkingFolder(join(this.#pipelinesDir, pipelineName)),
    }
    const context = { loads: this.#loads, rowIds: this.#rowIds, from: this.#startedAtMs, until: Date.now() + 1000 }
    return compareStep(expect, found, context)
  }
}

function describePackage({ loadId, schemaName, state, jobs }) {
  const failed = jobs.failed_jobs.map((job) => job.tableName)
  return { load: loadId, schema: schemaName, state, failed_job_tables: failed.toSorted() }
}
