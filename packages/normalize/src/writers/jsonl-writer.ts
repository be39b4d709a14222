import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { manifestFile, stringifyJson, type ManifestFile, type Value } from '@gantry/common'
import type { ColumnState } from '../table-state.ts'
import type { RowWriter } from './row-writer.ts'

/** Characters that are gathered before they are encoded and written. */
const flushChars = 1 << 18

/**
 * One JSON object per line, keys in the row's order: what dlt calls `jsonl`. The file appears with the first flush.
 */
export class JsonlWriter implements RowWriter {
  readonly #path: string
  readonly #hash = createHash('sha256')
  #file: number | undefined
  #text = ''
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
    this.#text += text + '}\n'
    this.#rows++
    if (this.#text.length >= flushChars) this.#flush()
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

  #flush(): void {
    this.#file ??= openSync(this.#path, 'wx')
    const bytes = Buffer.from(this.#text)
    this.#text = ''
    this.#hash.update(bytes)
    this.#bytes += bytes.length
    let at = 0
    while (at < bytes.length) at += writeSync(this.#file, bytes, at)
  }
}
