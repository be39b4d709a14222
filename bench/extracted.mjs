// A file that was extracted once, to be normalized many times.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { binOf, copyFolder, measure, run } from './processes.mjs'

/**
 * @returns its folder of data; normalizes a copy of the package in a process of its own, and says what that cost; and takes
 *     all away
 */
export async function extractOnce({ name, path }, { folder, node }) {
  const made = join(folder, `extracted-${name}`)
  const home = join(folder, 'normalized')
  const flags = ['--pipeline-name', name, '--progress', 'off']
  rmSync(made, { recursive: true, force: true })
  await run(node, [binOf('extract'), path, ...flags], { DLT_DATA_DIR: made })
  return {
    folder: made,
    async normalize(args = [], env = {}) {
      copyFolder(made, home)
      const command = [binOf('normalize'), ...flags, ...args]
      const { cost } = await measure(node, command, { folder, env: { ...env, DLT_DATA_DIR: home } })
      rmSync(home, { recursive: true })
      return cost
    },
    remove: () => rmSync(made, { recursive: true }),
  }
}
