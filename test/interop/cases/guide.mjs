import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { root } from '../../support/gantry.mjs'

export const guideCases = [
  { name: 'docs/dlt.md does what it says: its blocks run in order in one shell', engines: ['duckdb'], play },
]

async function play(place) {
  const text = readFileSync(join(root, 'docs/dlt.md'), 'utf8')
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block)
  const script = blocks
    // The checkout and the Python under test are installed already.
    .filter((block) => !block.includes('npm ci'))
    .join('\n')
    .replaceAll('$PWD/.gantry-data', place.folder)
    .replaceAll('.gantry-data', place.folder)
    .replaceAll('elsewhere-too', join(place.folder, 'elsewhere-too'))
  const path = [dirname(place.python), process.env.PATH].join(delimiter)
  const env = { ...process.env, PATH: path, RUNTIME__DLTHUB_TELEMETRY: 'false' }
  const child = spawn('bash', ['-e'], { cwd: root, env, stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part))
  child.stdin.end(script)
  const [code] = await once(child, 'close')
  const isGood = code === 0 && blocks.length > 5 && output.includes('LOADED and contains no failed jobs')
  return isGood ? [] : [`exit code ${code}: ${output.slice(-600)}`]
}
