import { existsSync } from 'node:fs'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { destinationOf, openPipeline, runStep } from '../scenarios/gantry-step.mjs'
import { inspectDataset, inspectWorkingFolder } from '../scenarios/inspect.mjs'
import { openReader } from '../scenarios/readers/open-reader.mjs'
import { variablesOf, withSettings } from '../scenarios/settings.mjs'
import { testFolder } from '../support/gantry.mjs'

const pipelineName = 'shop'
const datasetName = 'shop_data'

/** A pipeline's working folder and database, where Gantry and dlt take turns. */
export class Place {
  #engine
  #dlt
  #folder
  #reader
  /** What was made for it: copies, and folders beside the first. */
  #made = []
  /** By dotted name, for both. */
  settings = {}

  /** @param dlt  a `DltProcess` */
  static async create(engine, dlt) {
    const folder = await testFolder('interop')
    return new Place(engine, dlt, folder, await openReader(engine, folder))
  }

  constructor(engine, dlt, folder, reader) {
    this.engine = engine
    this.folder = folder
    this.pipelineName = pipelineName
    this.pipelinesDir = join(folder, 'pipelines')
    this.workingDir = join(this.pipelinesDir, pipelineName)
    this.#engine = engine
    this.#dlt = dlt
    this.#folder = folder
    this.#reader = reader
  }

  /** The same once more: working folder and database as they are now. */
  async copy() {
    const folder = await testFolder('interop')
    const reader = await this.#reader.copy(folder)
    const copy = new Place(this.#engine, this.#dlt, folder, reader)
    copy.settings = this.settings
    this.#made.push(copy)
    if (existsSync(this.pipelinesDir)) await cp(this.pipelinesDir, copy.pipelinesDir, { recursive: true })
    return copy
  }

  /** Another machine: an empty working folder, and the same database. */
  async elsewhere() {
    const place = new Place(this.#engine, this.#dlt, await testFolder('interop'), this.#reader)
    this.#made.push({ close: () => rm(place.folder, { recursive: true }) })
    return place
  }

  /** A new pipeline object of Gantry's does a step; its form is that of a scenario's. @throws what Gantry threw */
  async gantry(step) {
    const { error, ...outcome } = await withSettings(this.settings, () => runStep(this.pipeline(), step))
    if (error !== null) throw error
    return outcome
  }

  pipeline() {
    const destination = destinationOf(this.#engine, this.#reader.credentials)
    return openPipeline({ pipelineName, pipelinesDir: this.pipelinesDir, datasetName, destination })
  }

  /** dlt does a step of that form. @throws {DltFailed} */
  dlt({ stage, run }) {
    return this.askDlt(stage ?? 'run', run === undefined ? {} : { run })
  }

  /** @param open  how dlt comes by its pipeline object: `pipeline` or `attach` */
  askDlt(action, given = {}, open = 'pipeline') {
    const pipeline = {
      pipeline_name: pipelineName,
      pipelines_dir: this.pipelinesDir,
      dataset_name: datasetName,
      engine: this.#engine,
      credentials: this.#reader.credentials,
    }
    return this.#dlt.ask({ action, arguments: given, open, pipeline, environment: variablesOf(this.settings) })
  }

  dropDataset() {
    return this.#reader.dropDataset(datasetName)
  }

  /** What is there: in the dataset, and in the working folder. */
  async inspect() {
    const dataset = await inspectDataset(this.#reader, datasetName, pipelineName)
    return { dataset, ...inspectWorkingFolder(this.workingDir) }
  }

  async close() {
    for (const made of this.#made) await made.close()
    await this.#reader.close()
    await rm(this.#folder, { recursive: true })
  }
}
