import { differencesOf } from '../differences.mjs'
import { shop, shopOf } from '../rows.mjs'

/*
 * One implementation begins a run, the other one finishes it; a copy of the same folder is finished by the one that began.
 * Twice in a row: the second run meets tables, and brings columns and variants that are new.
 */

export const handOverCases = [
  { name: 'dlt loads what Gantry normalized', play: (place) => handOverAt('load', place, 'gantry', 'dlt') },
  { name: 'dlt goes on with what Gantry extracted', play: (place) => handOverAt('normalize', place, 'gantry', 'dlt') },
  { name: 'Gantry loads what dlt normalized', play: (place) => handOverAt('load', place, 'dlt', 'gantry') },
  { name: 'Gantry goes on with what dlt extracted', play: (place) => handOverAt('normalize', place, 'dlt', 'gantry') },
  { name: 'dlt loads other formats of Gantry', play: (place) => inOtherFormats(place, 'gantry', 'dlt') },
  { name: 'Gantry loads other formats of dlt', play: (place) => inOtherFormats(place, 'dlt', 'gantry') },
]

const preferred = {
  gantry: { duckdb: 'parquet', postgres: 'csv' },
  dlt: { duckdb: 'insert_values', postgres: 'insert_values' },
}
/** Formats of load files that both write and read. */
const formats = { duckdb: ['parquet', 'insert_values', 'jsonl'], postgres: ['csv', 'insert_values'] }

async function inOtherFormats(place, beginner, finisher) {
  const problems = []
  for (const format of formats[place.engine]) {
    if (format === preferred[beginner][place.engine]) continue
    // dlt writes bytes into CSV as UTF-8, or not at all.
    const isText = beginner === 'dlt' && format === 'csv'
    const steps = (isText ? shopOf({ bytes: 'plain text' }) : shop).slice(0, 1)
    const found = await handOverAt('load', await place.elsewhere(), beginner, finisher, { steps, format })
    problems.push(...found.map((text) => `${format}, ${text}`))
    await place.dropDataset()
  }
  return problems
}

/** @param options.format  of load files. Default: what the beginner prefers */
async function handOverAt(stage, place, beginner, finisher, { steps = shop, format } = {}) {
  const problems = []
  const loadFormat = format ?? preferred[beginner][place.engine]
  const before = stage === 'load' ? ['normalize'] : []
  const after = stage === 'load' ? ['load'] : ['normalize', 'load']
  for (const [at, { run }] of steps.entries()) {
    await place[beginner]({ stage: 'extract', run: { ...run, ...(format && { loader_file_format: format }) } })
    for (const step of before) await place[beginner]({ stage: step })
    const undisturbed = await place.copy()
    for (const step of after) {
      await undisturbed[beginner]({ stage: step })
      await place[finisher]({ stage: step })
    }
    const [expected, actual] = [await undisturbed.inspect(), await place.inspect()]
    if (stage === 'load') {
      const byGantry = beginner === 'gantry' ? expected : actual
      asDltLoads[`${place.engine} ${loadFormat}`]?.(byGantry.dataset.tables, beginner)
    }
    const found = differencesOf(expected, actual, { ids: stage === 'load' ? 'same' : 'linked' })
    problems.push(...found.map((text) => `run ${at + 1}: ${text}`))
  }
  return problems
}

/** What dlt makes of some values in load files, where Gantry makes of them what they say (docs/parity.md, docs/dlt.md). */
const asDltLoads = {
  /** dlt tells PostgreSQL that `""` is null in columns that may be null. In dlt's own files Gantry does, too. */
  'postgres csv'(tables, beginner) {
    if (beginner === 'gantry') changeValues(tables, ({ nullable }, value) => (nullable && value === '' ? null : value))
  },
  /** dlt loads the base64 of bytes as bytes. */
  'duckdb jsonl'(tables) {
    const inBase64 = (hex) => Buffer.from(Buffer.from(hex, 'hex').toString('base64')).toString('hex')
    changeValues(tables, ({ type }, value) => (type === 'BLOB' ? inBase64(value) : value))
  },
}

function changeValues(tables, change) {
  for (const { columns, rows } of Object.values(tables)) {
    for (const row of rows) {
      for (const column of columns.filter(({ name }) => name in row)) {
        const value = change(column, row[column.name])
        if (value === null) delete row[column.name]
        else row[column.name] = value
      }
    }
  }
}
