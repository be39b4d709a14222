import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { manifestFile, stringifyJson, type ManifestFile, type Value } from '@gantry/common'
import type { ColumnState } from '../table-state.ts'
import type { RowWriter } from './row-writer.ts'

/**
 * Bytes that are gathered before they are hashed and written: few at first, since there may be thousands of tables, then
 * doubled until a write costs little.
 */
const firstBytes = 1 << 13
const mostBytes = 1 << 18

/**
 * One JSON object per line, keys in the row's order: what dlt calls `jsonl`. The file appears with the first flush.
 */
export class JsonlWriter implements RowWriter {
  readonly #path: string
  readonly #hash = createHash('sha256')
  #file: number | undefined
  #buffer = Buffer.allocUnsafe(firstBytes)
  #used = 0
  #rows = 0
  #bytes = 0

  constructor(path: string) {
    this.#path = path
  }

  write(columns: readonly ColumnState[], values: readonly Value[]): void {
    let text = '{'
    for (let index = 0; index < columns.length; index++) {
      const value = values[index] as Value
      const key = (columns[index] as ColumnState).jsonKey
      text +=
        (index === 0 ? key : ',' + key) + (typeof value === 'string' ? JSON.stringify(value) : stringifyJson(value))
    }
    this.#append(text + '}\n')
    this.#rows++
  }

  close(): ManifestFile {
    this.#flush()
    if (this.#file !== undefined) {
      fsyncSync(this.#file)
      closeSync(this.#file)
      this.#file = undefined
    }
    return manifestFile(basename(this.#path), {
      rows: this.#rows,
      bytes: this.#bytes,
      sha256: this.#hash.digest('hex'),
    })
  }

  abandon(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  /** Encodes row by row: one long text would be copied once more, and live long enough to burden the collector. */
  #append(text: string): void {
    // A UTF-16 unit takes at most three bytes.
    const most = text.length * 3
    if (most > this.#buffer.length - this.#used) {
      this.#flush()
      if (this.#buffer.length < mostBytes || most > this.#buffer.length) {
        this.#buffer = Buffer.allocUnsafe(Math.max(Math.min(this.#buffer.length * 4, mostBytes), most))
      }
    }
    this.#used += this.#buffer.write(text, this.#used)
  }

  #flush(): void {
    this.#file ??= openSync(this.#path, 'wx')
    const bytes = this.#buffer.subarray(0, this.#used)
    this.#used = 0
    this.#hash.update(bytes)
    this.#bytes += bytes.length
    let at = 0
    while (at < bytes.length) at += writeSync(this.#file, bytes, at)
  }
}
