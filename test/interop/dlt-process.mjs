import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root } from '../support/gantry.mjs'

/** Python with dlt in it; each request is done by a process of its own. Requests and answers: `dlt_process.py`. */
export class DltProcess {
  #options
  #child
  #answers
  #log = ''

  /** @param home  where dlt keeps what is not part of a working folder */
  constructor(python, home) {
    this.python = python
    const env = {
      ...process.env,
      DLT_DATA_DIR: home,
      RUNTIME__DLTHUB_TELEMETRY: 'false',
      RUNTIME__LOG_LEVEL: 'CRITICAL',
    }
    this.#options = { cwd: home, env, stdio: ['pipe', 'pipe', 'pipe'] }
    this.#child = spawn(python, [join(root, 'test/interop/dlt_process.py')], this.#options)
    this.#child.stderr.on('data', (text) => (this.#log = (this.#log + text).slice(-4000)))
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  /** The command `dlt`; nobody answers what it asks. @returns exit code and what it printed */
  async command(args, environment) {
    const env = { ...this.#options.env, ...environment }
    const child = spawn(this.python, ['-m', 'dlt', '--debug', ...args], { ...this.#options, env })
    child.stdin.end()
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
    const [code] = await once(child, 'close')
    return { code, output }
  }

  /** @throws what dlt threw, as text */
  async ask(request) {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await this.#answers.next()
    if (done) throw new Error(`Python ended: ${this.#log}`)
    const { result, error } = JSON.parse(value)
    if (error !== undefined) throw new DltFailed(error)
    return result
  }

  async close() {
    this.#child.stdin.end()
    if (this.#child.exitCode === null) await once(this.#child, 'exit')
  }
}

export class DltFailed extends Error {
  name = 'DltFailed'
}
