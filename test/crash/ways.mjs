// The commands that bring the data of a load to the destination, and how they are given again after a failure.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run, root, runNode } from '../support/gantry.mjs'
import { files, writeFiles } from './data.mjs'

const name = ['--pipeline-name', 'crash']

/**
 * Each with `prepare`, which lays out the data of a load, and `run`, one attempt at all there is to do. An attempt is
 * `{ code, stderr }` of the command that failed, else of the last one.
 */
export const ways = {
  /** Everything by one command. */
  'gantry run': {
    prepare: writeFiles,
    run: (home, _load, env) => run('gantry', ['run', ...files, ...name, '--workers', '2'], home, { env }),
  },
  /** Each stage by a command of its own, the first one a program with tables of all dispositions. */
  'stage by stage': {
    prepare: () => undefined,
    async run(home, load, env) {
      const extracted = await extract(home, load, env)
      if (extracted.code !== 0) return extracted
      const normalized = await run(
        'gantry-normalize',
        [...name, '--workers', '2', '--destination', typeOf(env)],
        home,
        {
          env,
        },
      )
      return normalized.code === 0 ? run('gantry-load', name, home, { env }) : normalized
    },
  },
  /** The same, but what the program has extracted is finished by `gantry run`. */
  'extract, then gantry run': {
    prepare: writeFiles,
    async run(home, load, env) {
      const extracted = await extract(home, load, env)
      if (extracted.code !== 0 || countPackages(home, ['load/loaded']) === load) return extracted
      return run('gantry', ['run', files[0], ...name, '--workers', '2'], home, { env })
    },
  },
}

/** Extracts once: a program that was killed behind its commit cannot know that it had nothing more to do. */
async function extract(home, load, env) {
  const places = ['normalize/extracted', 'load/normalized', 'load/loaded']
  if (countPackages(home, places) >= load) return { code: 0, stderr: '' }
  return runNode([join(root, 'test/crash/extract.mjs'), String(load)], home, { env })
}

/** Packages by their load ids; one may be in two places for a moment. */
function countPackages(home, places) {
  const ids = places.flatMap((place) => {
    try {
      return readdirSync(join(home, 'pipelines/crash', place))
    } catch {
      return []
    }
  })
  return new Set(ids).size
}

const typeOf = (env) => env['DESTINATION_TYPE'] ?? 'duckdb'
