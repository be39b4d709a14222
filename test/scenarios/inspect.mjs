import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'

/* What there is after a step: in the working folder, and at the destination. */

/** @returns pending packages, the local state and the local schemas of a pipeline, as scenarios spell them */
export function inspectWorkingFolder(folder) {
  return {
    pending: {
      extracted: packagesIn(join(folder, 'normalize/extracted')).length,
      normalized: packagesIn(join(folder, 'load/normalized')).length,
    },
    state: localState(join(folder, 'state.json')),
    schemas: localSchemas(join(folder, 'schemas')),
  }
}

/** Ids of all packages in the working folders of all pipelines. */
export function loadIdsIn(pipelinesDir) {
  return namesIn(pipelinesDir).flatMap((pipeline) =>
    ['normalize/extracted', 'load/normalized', 'load/loaded'].flatMap((place) =>
      packagesIn(join(pipelinesDir, pipeline, place)),
    ),
  )
}

/** @returns null where no state was ever saved */
function localState(path) {
  if (!existsSync(path)) return null
  const { _state_version: version, _version_hash: hash, sources = {} } = JSON.parse(readFileSync(path, 'utf8'))
  return { sources, version, version_hash: hash }
}

function localSchemas(folder) {
  const schemas = {}
  for (const name of namesIn(folder).filter((file) => file.endsWith('.schema.json'))) {
    const document = JSON.parse(readFileSync(join(folder, name), 'utf8'))
    const tables = Object.entries(document.tables)
      .filter(([table]) => !table.startsWith('_dlt'))
      .map(([table, { columns, ...hints }]) => [table, { ...hints, columns: Object.values(columns) }])
    const { version, version_hash } = document
    schemas[document.name] = { version, version_hash, tables: Object.fromEntries(tables) }
  }
  return schemas
}

/** @returns the tables of users, dlt's own, and the newest state of the pipeline; undefined where there is no dataset */
export async function inspectDataset(reader, dataset, pipelineName) {
  if (!(await reader.datasets()).includes(dataset)) return undefined
  const tables = await reader.tables(dataset)
  const own = ([name]) => name.startsWith('_dlt_')
  const dltTables = Object.fromEntries(Object.entries(tables).filter((entry) => own(entry) && !isGantrys(entry[0])))
  return {
    tables: Object.fromEntries(Object.entries(tables).filter((entry) => !own(entry))),
    dltTables,
    remoteState: remoteState(dltTables['_dlt_pipeline_state']?.rows ?? [], pipelineName),
  }
}

/** What Gantry adds to a dataset is no business of the scenarios. */
function isGantrys(name) {
  return name === '_dlt_load_jobs'
}

function remoteState(rows, pipelineName) {
  const own = rows.filter((row) => row.pipeline_name === pipelineName)
  const newest = own.toSorted((a, b) => (a._dlt_load_id < b._dlt_load_id ? -1 : 1)).at(-1)
  return newest === undefined ? undefined : unpack(newest.state)
}

/** A document that may be packed, as state and schemas are in dlt's tables. */
export function unpack(text) {
  return JSON.parse(text.startsWith('{') ? text : inflateSync(Buffer.from(text, 'base64')).toString('utf8'))
}

function packagesIn(folder) {
  return namesIn(folder).filter((name) => /^\d+(\.\d+)?$/.test(name))
}

function namesIn(folder) {
  return existsSync(folder) ? readdirSync(folder) : []
}
