import { jsonFloatText, stringifyJson, type ManifestFile, type Value } from '@gantry/common'
import type { ColumnState } from '../table-state.ts'
import type { LoadFile } from './load-file.ts'
import type { RowBatch, RowWriter } from './row-writer.ts'
import { TextBuffer } from './text-buffer.ts'

/** One JSON object per line, keys in the row's order: what dlt calls `jsonl`. */
export class JsonlWriter implements RowWriter {
  rows = 0
  readonly #file: LoadFile
  readonly #text: TextBuffer
  /** `{"name":` and `,"name":` by the column's index. */
  readonly #firstKeys: Uint8Array[] = []
  readonly #keys: Uint8Array[] = []

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
    const text = this.#text
    for (let index = 0; index < count; index++) {
      const column = columns[index] as ColumnState
      text.addBytes((index === 0 ? this.#firstKeys : this.#keys)[column.index] ?? this.#key(column, index === 0))
      const value = values[index] as Value
      if (typeof value === 'string') text.addJsonString(value)
      else if (typeof value === 'number') text.add(Number.isInteger(value) ? String(value) : jsonFloatText(value))
      else text.add(stringifyJson(value))
    }
    text.addBytes(count === 0 ? emptyRow : rowEnd)
    this.rows++
    return true
  }

  writeBatch(batch: RowBatch): true {
    for (const lines of batch.json()) this.#text.addBlock(lines)
    this.rows += batch.rows
    return true
  }

  flush(): void {
    this.#text.flush()
  }

  close(): ManifestFile {
    this.flush()
    return this.#file.finish(this.rows)
  }

  #key(column: ColumnState, isFirst: boolean): Uint8Array {
    const bytes = Buffer.from(`${isFirst ? '{' : ','}${JSON.stringify(column.name)}:`)
    ;(isFirst ? this.#firstKeys : this.#keys)[column.index] = bytes
    return bytes
  }
}

const rowEnd = Buffer.from('}\n')
const emptyRow = Buffer.from('{}\n')
