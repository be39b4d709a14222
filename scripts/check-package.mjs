// Packs every package and lets publint and attw judge what a user would install.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const folder = mkdtempSync(join(tmpdir(), 'gantry-pack-'))
const packages = ['common', 'extract', 'normalize', 'load', 'pipeline']
let isGood = true
run('npm', [
  'pack',
  '--silent',
  '--pack-destination',
  folder,
  ...packages.flatMap((name) => ['-w', `packages/${name}`]),
])
for (const name of packages) run('npx', ['publint', '--strict', `packages/${name}`])
for (const tarball of readdirSync(folder))
  run('npx', ['attw', '--profile', 'esm-only', '--quiet', join(folder, tarball)])
rmSync(folder, { recursive: true, force: true })
process.exitCode = isGood ? 0 : 1

function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
  if (status === 0) return
  isGood = false
  console.error(`${command} ${args.join(' ')}\n${stdout}${stderr}`)
}
