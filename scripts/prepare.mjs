// Makes a fresh clone ready: installs when the lockfile is newer than the install, builds when sources are newer than
// the build. Plain Node, because nothing else is there yet.
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Gantry needs Node 20.19 or newer; this is ${process.version}.`)
  process.exit(1)
}

if (changedAt('package-lock.json') > changedAt('node_modules/.package-lock.json')) {
  run('Installing (npm ci)', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
}

const packages = ['common', 'extract', 'normalize', 'load', 'pipeline']
const settings = ['tsconfig.base.json', 'scripts/bundle.mjs'].map(changedAt)
const sources = Math.max(...settings, ...packages.map((name) => newest(`packages/${name}/src`)))
const build = Math.min(...packages.map((name) => changedAt(`packages/${name}/dist/index.js`)))
if (sources > build) {
  run('Building (tsc -b)', process.execPath, ['node_modules/typescript/bin/tsc', '-b', '--force'])
  run('Bundling', process.execPath, ['scripts/bundle.mjs'])
}

const transcoder = 'packages/normalize/dist/transcoder.wasm'
const transcoderSources = ['packages/normalize/assembly', 'packages/normalize/src/transcoder'].map(newest)
if (Math.max(...transcoderSources) > changedAt(transcoder)) {
  run('Building the transcoder (asc)', 'npm', ['run', '--silent', 'build:transcoder'])
}

function run(what, command, args) {
  console.error(`${what} …`)
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status === 0) return
  console.error(`${what} failed${error === undefined ? '' : `: ${error.message}`}.`)
  process.exit(status ?? 1)
}

/** Milliseconds; 0 where there is no such file. */
function changedAt(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0
}

function newest(folder) {
  let latest = 0
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true, recursive: true })) {
    latest = Math.max(latest, changedAt(join(folder, entry.parentPath.slice(join(root, folder).length), entry.name)))
  }
  return latest
}
