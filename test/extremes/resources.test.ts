import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { root, testFolder } from '../support/gantry.mjs'

/*
 * Resources at the edge, in a process of their own, whose heap and open files are limited. The sizes are those of a quick
 * run; `GANTRY_EXTREMES=full npm run test:e2e -- test/extremes` takes the real ones.
 */

const isFull = process.env['GANTRY_EXTREMES'] === 'full'
const small = isFull ? 2000 : 300
const rows = isFull ? 10_000_000 : 200_000
const openFiles = 200
const heapMb = 128
/** The whole process, Node itself included. */
const mostMb = 250

let home: string
beforeEach(async () => {
  home = await testFolder('many')
})
afterEach(() => rm(home, { recursive: true }))

interface Extracted {
  readonly error?: string
  readonly rssMb: number
  readonly seconds: number
}

function extract(smallOnes: number, rowsOfLarge: number, failsAt = 0): Promise<Extracted> {
  const program = join(root, 'test/extremes/extract-program.mjs')
  const command = `ulimit -n ${openFiles}; exec "${process.execPath}" --max-old-space-size=${heapMb} "${program}" "$@"`
  const args = ['-c', command, 'extract', home, smallOnes, rowsOfLarge, failsAt].map(String)
  return new Promise((resolve, reject) => {
    const child = spawn('bash', args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let errors = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code !== 0) return reject(new Error(`exit code ${code}: ${errors}`))
      const result = JSON.parse(output) as Extracted
      if (isFull) console.log(smallOnes, 'resources,', rowsOfLarge, 'rows:', output.trim())
      resolve(result)
    })
  })
}

/** The job files of all packages, also of those that are not complete. */
async function jobFiles(): Promise<string[]> {
  const files = await readdir(join(home, 'many'), { recursive: true })
  return files.filter((path) => /\/new_jobs\/[^/]+$/.test(path)).map((path) => join(home, 'many', path))
}

/** Rows in the files of a table. */
async function rowsOf(table: string): Promise<number> {
  let count = 0
  for (const file of await jobFiles()) {
    if (!basename(file).startsWith(`${table}.`)) continue
    const lines = createInterface({ input: createReadStream(file) })
    for await (const line of lines) count += (JSON.parse(line) as unknown[]).length
  }
  return count
}

describe(`${small} resources, with no more than ${openFiles} open files and a heap of ${heapMb} MB`, () => {
  it('are extracted together, each to its file', { timeout: 600_000 }, async () => {
    const { error, rssMb } = await extract(small, 0)
    expect(error).toBeUndefined()
    // One file is for the state.
    expect((await jobFiles()).length).toBe(small + 1)
    expect(await rowsOf(`small_${small - 1}`)).toBe(10)
    expect(rssMb).toBeLessThan(mostMb)
  })

  it(`and one of ${rows} rows beside them`, { timeout: 600_000 }, async () => {
    const { error, rssMb } = await extract(small, rows)
    expect(error).toBeUndefined()
    expect((await jobFiles()).length).toBe(small + 2)
    expect(await rowsOf('large')).toBe(rows)
    expect(await rowsOf('small_0')).toBe(10)
    expect(rssMb).toBeLessThan(mostMb)
  })

  it(
    `and one that throws at row ${rows / 2}: its error names it, and nothing is left`,
    { timeout: 600_000 },
    async () => {
      const { error, rssMb } = await extract(small, rows, rows / 2)
      expect(error).toContain(`Resource "large" failed: row ${rows / 2} cannot be read`)
      expect(rssMb).toBeLessThan(mostMb)
      expect(await jobFiles()).toEqual([])
    },
  )
})
