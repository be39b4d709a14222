import { existsSync } from 'node:fs'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { destinationOf, openPipeline, runStep } from '../scenarios/gantry-step.mjs'
import { inspectDataset, inspectWorkingFolder } from '../scenarios/inspect.mjs'
import { openReader } from '../scenarios/readers/open-reader.mjs'
import { variablesOf, withSettings } from '../scenarios/settings.mjs'
import { run, testFolder } from '../support/gantry.mjs'

const pipelineName = 'shop'
const datasetName = 'shop_data'

/** A pipeline's working folder and database, where Gantry and dlt take turns. */
export class Place {
  #dlt
  #reader
  /** How to remove what was made for this place, and for those that came of it. */
  #cleanUp
  /** By dotted name, for both. */
  settings = {}

  /** @param dlt  a `DltProcess` */
  static async create(engine, dlt) {
    const folder = await testFolder('interop')
    const place = new Place({ engine, dlt, folder, reader: await openReader(engine, folder), cleanUp: [] })
    place.#cleanUp.push(() => place.#reader.close())
    return place
  }

  constructor({ engine, dlt, folder, reader, cleanUp }) {
    this.engine = engine
    this.folder = folder
    this.pipelineName = pipelineName
    this.pipelinesDir = join(folder, 'pipelines')
    this.workingDir = join(this.pipelinesDir, pipelineName)
    this.#dlt = dlt
    this.#reader = reader
    this.#cleanUp = cleanUp
    cleanUp.push(() => rm(folder, { recursive: true }))
  }

  /** The same once more: working folder and database as they are now. */
  async copy() {
    const folder = await testFolder('interop')
    const copy = this.#beside(folder, await this.#reader.copy(folder))
    this.#cleanUp.push(() => copy.#reader.close())
    if (existsSync(this.pipelinesDir)) await cp(this.pipelinesDir, copy.pipelinesDir, { recursive: true })
    return copy
  }

  /** Another machine: an empty working folder, and the same database. */
  async elsewhere() {
    return this.#beside(await testFolder('interop'), this.#reader)
  }

  #beside(folder, reader) {
    const place = new Place({ engine: this.engine, dlt: this.#dlt, folder, reader, cleanUp: this.#cleanUp })
    place.settings = this.settings
    return place
  }

  /** A new pipeline object of Gantry's does a step; its form is that of a scenario's. @throws what Gantry threw */
  async gantry(step) {
    const { error, ...outcome } = await withSettings(this.settings, () => runStep(this.pipeline(), step))
    if (error !== null) throw error
    return outcome
  }

  pipeline() {
    const destination = destinationOf(this.engine, this.#reader.credentials)
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
      engine: this.engine,
      credentials: this.#reader.credentials,
    }
    return this.#dlt.ask({ action, arguments: given, open, pipeline, environment: variablesOf(this.settings) })
  }

  /** `dlt pipeline <name> <action>` in a process of its own. @returns exit code and what was printed */
  dltCommand(action) {
    const credentials = `destination.${this.engine}.credentials`
    const environment = variablesOf({ ...this.settings, [credentials]: this.#reader.credentials })
    return this.#dlt.command(['pipeline', '--pipelines-dir', this.pipelinesDir, pipelineName, ...action], environment)
  }

  /** `gantry pipeline <name> <action>`. */
  async gantryCommand(action) {
    const args = ['pipeline', pipelineName, ...action, '--pipelines-dir', this.pipelinesDir]
    const { code, stdout, stderr } = await run('gantry', args, this.folder)
    return { code, output: stdout + stderr }
  }

  /** The Python that has dlt. */
  get python() {
    return this.#dlt.python
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
    for (const cleanUp of this.#cleanUp) await cleanUp()
  }
}
