import * as gantry from 'gantry'
import { camelKeys, hintsOf } from './hints.mjs'
import { NotYet, refuseNotYet } from './not-yet.mjs'

/** The destination of an engine by the public factory. @throws {NotYet} there is none */
export function destinationOf(engine, credentials, options = {}) {
  const factory = gantry.destinations[engine]
  if (factory === undefined) throw new NotYet(`destinations.${engine} is not there yet`)
  return Object.keys(options).length === 0 ? factory(credentials) : factory(credentials, camelKeys(options))
}

/** A new pipeline object. */
export function openPipeline({ pipelineName, pipelinesDir, datasetName, destination, options }) {
  refuseNotYet('pipeline', options)
  return gantry.pipeline({ pipelineName, pipelinesDir, datasetName, destination, ...camelKeys(options ?? {}) })
}

/**
 * Does what the step says.
 *
 * @returns what came of it: the infos of the stages, the pages that were pulled, and the error
 */
export async function runStep(pipeline, step) {
  const pages = {}
  const outcome = { loadInfo: null, rowCounts: {}, pages, error: null }
  try {
    await doStep(pipeline, step, outcome)
  } catch (error) {
    const notYet = causesOf(error).find((cause) => cause instanceof NotYet)
    if (notYet !== undefined) throw notYet
    outcome.error = error
  }
  // `run` returns the info of load; that of normalize is in its trace, which begins anew with each run.
  const isNormalized = step.stage === undefined || step.stage === 'normalize'
  if (isNormalized) outcome.rowCounts = pipeline.lastTrace?.lastNormalizeInfo?.rowCounts ?? {}
  return outcome
}

async function doStep(pipeline, { run, stage }, outcome) {
  switch (stage) {
    case undefined: {
      const [data, options] = argumentsOf(run, outcome.pages)
      outcome.loadInfo = await pipeline.run(data, options)
      return
    }
    case 'extract':
      await pipeline.extract(...argumentsOf(run, outcome.pages))
      return
    case 'normalize':
      await pipeline.normalize()
      return
    case 'load':
      outcome.loadInfo = await pipeline.load()
      return
    case 'drop_pending':
      if (pipeline.dropPendingPackages === undefined) throw new NotYet('dropPendingPackages() is not there yet')
      await pipeline.dropPendingPackages()
      return
    default:
      throw new NotYet(`stage ${stage} is unknown`)
  }
}

/** The error and what is under it: a source is asked for its data within a step, which wraps what it throws. */
function causesOf(error) {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : []
}

function argumentsOf(run, pages) {
  const { resources, sources, ...given } = run
  refuseNotYet('run', given)
  const data =
    sources === undefined
      ? (resources ?? []).map((one) => resourceOf(one, pages))
      : sources.map((one) => sourceOf(one, pages))
  return [data.length === 1 ? data[0] : data, hintsOf(given)]
}

function sourceOf({ name, resources, with_resources: selected, ...settings }, pages) {
  const options = { name, ...hintsOf(settings) }
  const source = gantry.source(options, () => resources.map((one) => resourceOf(one, pages)))
  return selected === undefined ? source : source.withResources(...selected)
}

function resourceOf(given, pages) {
  const { items, items_encoding: _, pages: texts, fail_after_items: broken, incremental, ...hints } = given
  const options = hintsOf(hints)
  if (incremental !== undefined) options.incremental = incrementalOf(incremental)
  return gantry.resource(options, () => pagesOf({ name: hints.name, items, texts, broken }, pages))
}

/** The items are one page, or the pages of a generator, or items one by one until the source breaks. */
function* pagesOf({ name, items, texts, broken }, pages) {
  if (texts !== undefined) {
    pages[name] = 0
    for (const page of texts) {
      pages[name]++
      yield page.map((text) => gantry.parseJson(text))
    }
  } else if (broken !== undefined) {
    for (const text of items.slice(0, broken)) yield gantry.parseJson(text)
    throw new Error('source broke on purpose')
  } else yield items.map((text) => gantry.parseJson(text))
}

function incrementalOf({ cursor_path: path, ...rest }) {
  return gantry.incremental(path, camelKeys(rest))
}
