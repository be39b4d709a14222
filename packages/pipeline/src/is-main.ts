import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * True in the module that Node was started with: there a program may run its pipeline, while `gantry run` only imports it.
 *
 * @param meta  the module's own `import.meta`
 */
export function isMain(meta: ImportMeta): boolean {
  const started = process.argv[1]
  if (started === undefined) return false
  try {
    return realpathSync(started) === realpathSync(fileURLToPath(meta.url))
  } catch {
    return false
  }
}
