import { stringifyJson, type ManifestFile, type Value } from '@gantry/common'
import type { ColumnState } from '../table-state.ts'
import type { LoadFile } from './load-file.ts'
import type { RowWriter } from './row-writer.ts'
import { TextBuffer } from './text-buffer.ts'

/** One JSON object per line, keys in the row's order: what dlt calls `jsonl`. */
export class JsonlWriter implements RowWriter {
  rows = 0
  readonly #file: LoadFile
  readonly #text: TextBuffer

  constructor(file: LoadFile) {
    this.#file = file
    this.#text = new TextBuffer(file)
  }

  get bytes(): number {
    return this.#text.bytes
  }

  get buffered(): number {
    return this.#text.buffered
  }

  write(columns: readonly ColumnState[], values: readonly Value[], count: number): boolean {
    let text = '{'
    for (let index = 0; index < count; index++) {
      const value = values[index] as Value
      const key = (columns[index] as ColumnState).jsonKey
      text +=
        (index === 0 ? key : ',' + key) + (typeof value === 'string' ? JSON.stringify(value) : stringifyJson(value))
    }
    this.#text.add(text + '}\n')
    this.rows++
    return true
  }

  flush(): void {
    this.#text.flush()
  }

  close(): ManifestFile {
    this.flush()
    return this.#file.finish(this.rows)
  }
}
