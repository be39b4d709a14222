import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './gantry.mjs'

/** Folder of dlt's answers: the copy in the project, or the one that `npm run test:parity -- <folder>` was given. */
export const vectorsFolder = process.env['GANTRY_VECTORS'] ?? join(root, 'test/parity/vectors')

/** The text of a vector file, one case per line. */
export function readVectors(name) {
  return readFileSync(join(vectorsFolder, name), 'utf8')
}
