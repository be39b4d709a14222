import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** What Gantry is held against. sqlglot 30 breaks this dlt; duckdb has to read the files of the pinned Node client. */
const packages = ['dlt[duckdb,parquet,postgres]==1.26.0', 'duckdb==1.5.6', 'sqlglot<30']
const proof = 'import dlt, duckdb, psycopg2, pyarrow'

/**
 * A Python that has dlt: the given one, else that of a virtual environment which is made once and kept in a cache.
 *
 * @throws {NoPython} with what to do
 */
export function pythonWithDlt(given) {
  if (given !== undefined) {
    const { status, error, stderr } = spawnSync(given, ['-c', proof], { encoding: 'utf8' })
    if (status === 0) return given
    const why = error?.message ?? stderr.trim().split('\n').at(-1)
    throw new NoPython(`${given} has no dlt: ${why}. In its environment: pip install ${packages.map(quoted).join(' ')}`)
  }
  const folder = join(cacheFolder(), 'gantry', `dlt-${packages[0].split('==')[1]}`)
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  const done = join(folder, 'done')
  if (existsSync(done)) return python
  console.log(`Installing ${packages.join(', ')} in ${folder}, once …`)
  mkdirSync(dirname(folder), { recursive: true })
  const command = process.platform === 'win32' ? 'python' : 'python3'
  runOrThrow(command, ['-m', 'venv', '--clear', folder], 'Install Python 3.10 or newer with its venv module')
  runOrThrow(python, ['-m', 'pip', 'install', '--quiet', ...packages], 'Look whether pip reaches its package index')
  runOrThrow(python, ['-c', proof], `Remove ${folder} and try again`)
  writeFileSync(done, '')
  return python
}

export class NoPython extends Error {}

function runOrThrow(command, args, advice) {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status === 0) return
  const why = error?.message ?? stderr.trim().split('\n').slice(-3).join('\n')
  throw new NoPython(
    `${command} ${args.slice(0, 3).join(' ')} failed: ${why}\n` +
      `${advice}, or name a Python that has dlt: npm run test:interop -- --python <path>, or GANTRY_DLT_PYTHON=<path>`,
  )
}

function cacheFolder() {
  return process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
}

function quoted(requirement) {
  return `'${requirement}'`
}
