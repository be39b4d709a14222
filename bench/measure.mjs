// Runs a process to its end and says what it cost.
import { spawn } from 'node:child_process'
import { constants, cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const benchFolder = dirname(fileURLToPath(import.meta.url))
const root = join(benchFolder, '..')

/** The command of a stage, as built. */
export const stageBin = (stage) => join(root, 'packages', stage, 'dist/bin.js')

let processes = 0

/**
 * Cost of a Node process as a whole, its start included: wall seconds from spawn to end, CPU seconds of user and system
 * over all threads, and the highest resident memory in MB.
 *
 * @param args    script and arguments
 * @param folder  for the process's own account of itself
 */
export async function measureNode(args, { folder, env = {} }) {
  const report = join(folder, `usage-${++processes}.json`)
  const preload = join(benchFolder, 'report-usage.mjs')
  const { seconds } = await run(process.execPath, ['--import', preload, ...args], { ...env, BENCH_USAGE_FILE: report })
  const usage = JSON.parse(readFileSync(report, 'utf8'))
  rmSync(report)
  return { seconds, ...usage }
}

/** Runs a process. @returns wall seconds, and its standard output */
export function run(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const start = performance.now()
    const child = spawn(command, args, {
      env: { ...process.env, LOG_LEVEL: 'error', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let stdout = ''
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve({ seconds: (performance.now() - start) / 1000, stdout })
      else reject(new Error(`${command} ${args.join(' ')} ended with ${signal ?? `exit code ${code}`}`))
    })
  })
}

export function copyFolder(from, to) {
  mkdirSync(to, { recursive: true })
  cpSync(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE })
}
