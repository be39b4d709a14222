// A file of results, in which later measurements take the place of earlier ones of the same part and data.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/**
 * Adds results to those in the file. On another machine, or with another version of Node or dlt, it begins anew, since such
 * figures do not belong beside each other. Parts that were measured without dlt go with those that were not.
 */
export function saveResults(path, { results, ...surroundings }) {
  const earlier = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
  const isSame =
    ['node', 'cores', 'cpu'].every((key) => earlier[key] === surroundings[key]) &&
    [undefined, earlier.dlt].includes(surroundings.dlt)
  const kept = isSame ? earlier.results.filter((one) => !results.some((other) => keyOf(other) === keyOf(one))) : []
  const all = { ...(isSame ? earlier : {}), ...surroundings, results: [...kept, ...results] }
  writeFileSync(path, `${JSON.stringify(all, null, 2)}\n`)
}

const keyOf = ({ part, data }) => `${part} ${data.name ?? ''}`
