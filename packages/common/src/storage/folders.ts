import { accessSync, constants, existsSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { InvalidPipelineName } from '../config/config-errors.ts'
import type { Environment } from '../config/environment-provider.ts'
import { canBeInFileName } from './file-name.ts'

/**
 * The folder that holds the working folders of all pipelines: `explicit`, else `$DLT_DATA_DIR/pipelines`, else
 * `pipelines` in dlt's global folder: `/var/dlt` for root, `~/.dlt`, `$XDG_DATA_HOME/dlt` where only that is set, a
 * temporary folder where there is no writable home (`dlt/common/configuration/specs/pluggable_run_context.py`).
 */
export function pipelinesDir(explicit?: string, env: Environment = process.env): string {
  if (explicit !== undefined) return resolve(explicit)
  return join(env['DLT_DATA_DIR'] ?? globalFolder(env), 'pipelines')
}

/** The folder against which relative paths of destinations are resolved at the first run of a pipeline. */
export function localDir(env: Environment = process.env): string {
  return resolve(env['DLT_LOCAL_DIR'] ?? '.')
}

/** Where a pipeline is run from: the folder of the project, that of its settings, and that of local destinations. */
export interface RunFolders {
  readonly runDir: string
  readonly settingsDir: string
  readonly localDir: string
}

/** As dlt finds them (`dlt/common/runtime/run_context.py`). */
export function runFolders(env: Environment = process.env): RunFolders {
  const runDir = resolve(env['DLT_PROJECT_DIR'] ?? '.')
  return { runDir, settingsDir: join(runDir, configFolder(env)), localDir: localDir(env) }
}

function configFolder(env: Environment): string {
  return env['DLT_CONFIG_FOLDER'] ?? '.dlt'
}

/** dlt's folder for all projects of a user. */
export function globalFolder(env: Environment = process.env): string {
  const name = configFolder(env)
  if (process.getuid?.() === 0) return '/var/dlt'
  const home = homedir()
  if (!isWritable(home)) return join(tmpdir(), 'dlt')
  const xdg = env['XDG_DATA_HOME']
  const inHome = join(home, name)
  return xdg !== undefined && isAbsolute(xdg) && !existsSync(inHome) ? join(xdg, 'dlt') : inHome
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Where things are in the working folder of one pipeline; dlt's layout, and `.gantry/` for what is Gantry's alone. */
export interface WorkingFolder {
  readonly root: string
  readonly state: string
  /** What the pipeline did last; dlt's is `trace.pickle`. */
  readonly trace: string
  readonly schemas: string
  /** Parent of `extracted/` and of the folders that extract is writing. */
  readonly normalize: string
  readonly extracted: string
  readonly load: string
  readonly new: string
  readonly normalized: string
  readonly loaded: string
  readonly private: string
}

/** @throws {InvalidPipelineName} the name cannot be a folder's */
export function workingFolder(pipelinesFolder: string, pipelineName: string): WorkingFolder {
  checkPipelineName(pipelineName)
  const root = join(pipelinesFolder, pipelineName)
  const normalize = join(root, 'normalize')
  const load = join(root, 'load')
  return {
    root,
    state: join(root, 'state.json'),
    trace: join(root, 'trace.json'),
    schemas: join(root, 'schemas'),
    normalize,
    extracted: join(normalize, 'extracted'),
    load,
    new: join(load, 'new'),
    normalized: join(load, 'normalized'),
    loaded: join(load, 'loaded'),
    private: join(root, '.gantry'),
  }
}

/** A name must be one legal file name on every system, without `.`, `%`, `{` and `}` (dlt `InvalidPipelineName`). */
function checkPipelineName(name: string): void {
  if (!canBeInFileName(name) || name.length > 200) throw new InvalidPipelineName(name)
}
