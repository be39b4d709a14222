// npm run test:parity -- [folder]
// Holds Gantry against dlt's answers: all vector files of a folder of the form of test/parity/vectors (the default).
// Prints a line per file, failing cases with what differs, and at the end `N passed, N failed`; N counts cases.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { root } from '../support/gantry.mjs'

const tests = {
  'naming.jsonl': 'packages/common/test/naming/vectors.test.ts',
  'infer.jsonl': 'packages/normalize/test/infer.test.ts',
  'coerce.jsonl': 'packages/normalize/test/coerce.test.ts',
  'datetime.jsonl': 'packages/common/test/values/datetime-text.test.ts',
  'row-ids.jsonl': 'packages/common/test/ids/row-id-vectors.test.ts',
  'schema-hash.jsonl': 'packages/common/test/schema/hash-vectors.test.ts',
  'normalize.jsonl': 'test/parity/normalize.test.ts',
}

const vectors = resolve(process.argv[2] ?? join(root, 'test/parity/vectors'))
const files = Object.keys(tests).filter((name) => existsSync(join(vectors, name)))
if (files.length === 0) {
  console.error(`${vectors} has none of ${Object.keys(tests).join(', ')}.`)
  process.exit(2)
}
const scratch = mkdtempSync(join(tmpdir(), 'gantry-parity-'))
const output = join(scratch, 'report.json')
const { stderr } = spawnSync(
  'npx',
  ['vitest', 'run', '--reporter=json', `--outputFile=${output}`, ...files.map((name) => tests[name])],
  { cwd: root, encoding: 'utf8', env: { ...process.env, GANTRY_VECTORS: vectors } },
)
const report = JSON.parse(readFileSync(output, 'utf8'))
rmSync(scratch, { recursive: true })
let passed = 0
let failed = 0
for (const name of files) {
  const result = report.testResults.find((suite) => suite.name.endsWith(tests[name]))
  const cases = result?.assertionResults ?? []
  const bad = cases.filter((test) => test.status !== 'passed')
  if (cases.length === 0) bad.push({ fullName: name, failureMessages: [result?.message ?? stderr] })
  for (const { fullName, failureMessages } of bad)
    console.log(`FAIL ${name}: ${fullName}\n${failureMessages.join('\n').slice(0, 2000)}`)
  console.log(`${name}: ${cases.length - bad.length} passed, ${bad.length} failed`)
  passed += Math.max(0, cases.length - bad.length)
  failed += bad.length
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
