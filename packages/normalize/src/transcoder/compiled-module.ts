import { readFileSync } from 'node:fs'
import { transcoderFile } from '../transcoder-file.ts'

let compiled: WebAssembly.Module | undefined

/** What `assembly/` was built to, compiled once for a thread. */
export function compiledModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(transcoderFile))
  return compiled
}
