// Everything that needs no server and no other language: checks, then tests. Ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const folder = mkdtempSync(join(tmpdir(), 'gantry-test-'))
let passed = 0
let failed = 0

for (const script of ['format:check', 'typecheck', 'lint', 'check:unused', 'check:package']) {
  console.log(`\n— npm run ${script}`)
  count(run('npm', ['run', '--silent', script]) === 0, script)
}

console.log('\n— vitest')
const report = join(folder, 'vitest.json')
const status = run('npx', ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`])
const result = tryReadJson(report)
if (result === undefined) count(false, 'vitest')
else {
  passed += result.numPassedTests
  failed += result.numFailedTests
  // A file that cannot be loaded has no tests that could fail.
  if (status !== 0 && result.numFailedTests === 0) count(false, 'vitest')
}
console.log('\n— crash tests, a few')
count(run(process.execPath, ['test/crash/main.mjs', '--kills', '2']) === 0, 'crash tests')
rmSync(folder, { recursive: true, force: true })

console.log(`\n${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1

function run(command, args) {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status
}

function count(isGood, what) {
  if (isGood) passed++
  else {
    failed++
    console.error(`FAILED: ${what}`)
  }
}

function tryReadJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
