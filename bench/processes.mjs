// Runs a command to its end and says what it and the processes that it started cost.
import { spawn } from 'node:child_process'
import { constants, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { watchTree } from './tree-memory.mjs'

export const benchFolder = dirname(fileURLToPath(import.meta.url))
const root = join(benchFolder, '..')

/** The command of a stage, as built; `pipeline` is `gantry` itself. */
export const binOf = (stage) => join(root, 'packages', stage, 'dist/bin.js')

/**
 * Cost of a command from spawn to end: wall seconds, CPU seconds (user and system, all threads and processes), the most
 * memory that all its processes held at once in MB, and CPU and peak memory of each process.
 *
 * Each process gives an account of itself in $BENCH_USAGE_FOLDER; those of Node are made to.
 */
export async function measure(command, args, { folder, env = {} }) {
  const accounts = mkdtempSync(join(folder, 'usage-'))
  const preload = `--require ${join(benchFolder, 'report-usage.cjs')}`
  const result = await run(command, args, { ...env, NODE_OPTIONS: preload, BENCH_USAGE_FOLDER: accounts })
  const processes = {}
  for (const file of readdirSync(accounts)) {
    const { name, ...usage } = JSON.parse(readFileSync(join(accounts, file), 'utf8'))
    processes[name] = usage
  }
  rmSync(accounts, { recursive: true })
  const used = Object.values(processes)
  const cpuSeconds = used.reduce((sum, one) => sum + one.cpuSeconds, 0)
  const peakMb = Math.max(result.peakMb ?? 0, ...used.map((one) => one.peakMb))
  return { cost: { seconds: result.seconds, cpuSeconds, peakMb, processes }, stdout: result.stdout }
}

/** Runs a command. @returns wall seconds, the highest memory of its processes in MB, and its standard output */
export function run(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    // Node 20 reads such certificates whenever it starts, needed or not: 25 ms a process, by the machine it runs on.
    const { NODE_EXTRA_CA_CERTS: _, ...inherited } = process.env
    const start = performance.now()
    const child = spawn(command, args, { env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    const peakOf = watchTree(child.pid)
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr = (stderr + chunk).slice(-10_000)))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      const seconds = (performance.now() - start) / 1000
      const peakMb = peakOf()
      if (code === 0) resolve({ seconds, peakMb, stdout })
      else reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? `exit code ${code}`}:\n${stderr}`))
    })
  })
}

export function copyFolder(from, to) {
  mkdirSync(to, { recursive: true })
  cpSync(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE })
}
