import { jsonFloatText, pythonFloatText } from '@gantry/common'
import { compiledModule } from './compiled-module.ts'
import { idBytes, indexBytes, paddingBytes, rowHeaderBytes, slotBytes } from './layout.ts'

/** Writes rows as lines; `assembly/emit-text.ts`. */
export type EmitLines = (
  row: number,
  columns: number,
  count: number,
  out: number,
  limit: number,
  scratch: number,
  most: number,
) => number

/** What `assembly/` exports; addresses are unsigned 32-bit numbers. */
interface Exports {
  readonly firstFree: WebAssembly.Global
  readonly place: WebAssembly.Global
  readonly lines: WebAssembly.Global
  readonly state: WebAssembly.Global
  readonly presentValues: WebAssembly.Global
  readonly nextRow: WebAssembly.Global
  beginBatch(start: number, limit: number): void
  scan(at: number, end: number, node: number, table: number, isTyped: number, inOrder: number): number
  indexRows(table: number, index: number): void
  emitColumn(
    index: number,
    count: number,
    kind: number,
    slot: number,
    byte: number,
    bit: number,
    out: number,
    presence: number,
    form: number,
  ): number
  readonly emitJson: EmitLines
  readonly emitCsv: EmitLines
  setRoom(out: number, limit: number, scratch: number): void
  giveIdsByPlace(table: number): void
  countIds(out: number, count: number, prefix: number, first: number): void
}

const pageBytes = 1 << 16
/** Room for the rows of a batch: a few times the size of a block of lines. */
const rowsBytes = 4 << 20
/** The smallest row has no column. */
const mostRows = Math.ceil(rowsBytes / (rowHeaderBytes + slotBytes))
/** Room for output beyond what the input is long: numbers and ids of all rows, names of columns. */
const leastOutBytes = 4 << 20

/**
 * An instance of the transcoder and its memory, cut into regions: plan, ids, rows, presence, index of rows, input, scratch,
 * output.
 */
export class TranscoderMemory {
  readonly exports: Exports
  readonly #memory: WebAssembly.Memory
  #bytes!: Buffer
  #view!: DataView
  readonly plan: number
  ids = 0
  rows = 0
  rowsEnd = 0
  presence = 0
  index = 0
  input = 0
  scratch = 0
  out = 0
  outEnd = 0
  #inputBytes = 1 << 19
  #planBytes = 1 << 16

  constructor() {
    this.#memory = new WebAssembly.Memory({ initial: 1 })
    const { exports } = new WebAssembly.Instance(compiledModule(), {
      env: { memory: this.#memory },
      host: {
        parseDouble: (text: number, length: number) => Number(this.latin1(text, length)),
        printDouble: (text: number, length: number, out: number, isJson: number) =>
          this.#printDouble(text, length, out, isJson === 1),
      },
    })
    this.exports = exports as Exports
    this.plan = align(this.exports.firstFree.value)
    this.#arrange()
  }

  /** The whole memory. Asked for anew after anything that may have made it grow. */
  get bytes(): Buffer {
    if (this.#bytes.length === 0) this.#takeViews()
    return this.#bytes
  }

  get view(): DataView {
    if (this.#bytes.length === 0) this.#takeViews()
    return this.#view
  }

  /** A part of the memory. A plain array, which costs a fraction of a part of a buffer. */
  part(from: number, end: number): Uint8Array {
    return new Uint8Array(this.view.buffer, from, end - from)
  }

  /** Makes room for a plan of that many bytes. @returns true where what else was in memory is gone */
  reservePlan(bytes: number): boolean {
    if (bytes <= this.#planBytes) return false
    this.#planBytes = bytes * 2
    this.#arrange()
    return true
  }

  /** Copies a block of lines to where it is read. */
  loadInput(block: Uint8Array): void {
    if (block.length > this.#inputBytes) {
      this.#inputBytes = block.length
      this.#arrange()
    }
    const { bytes, input } = this
    bytes.set(block, input)
    bytes.fill(0, input + block.length, input + block.length + paddingBytes)
  }

  latin1(at: number, length: number): string {
    return this.bytes.toString('latin1', at, at + length)
  }

  #printDouble(text: number, length: number, out: number, isJson: boolean): number {
    const value = Number(this.latin1(text, length))
    return out + this.bytes.write(isJson ? jsonFloatText(value) : pythonFloatText(value), out, 'latin1')
  }

  #arrange(): void {
    this.ids = align(this.plan + this.#planBytes)
    this.rows = align(this.ids + mostRows * idBytes + paddingBytes)
    this.rowsEnd = this.rows + rowsBytes
    this.presence = this.rowsEnd
    this.index = align(this.presence + mostRows / 8 + paddingBytes)
    this.input = align(this.index + mostRows * indexBytes)
    this.scratch = align(this.input + this.#inputBytes + paddingBytes)
    this.out = align(this.scratch + this.#inputBytes + paddingBytes)
    // JSON in CSV may get twice as long as it came.
    this.outEnd = this.out + 2 * this.#inputBytes + leastOutBytes
    const missing = this.outEnd + paddingBytes - this.#memory.buffer.byteLength
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes))
    this.#takeViews()
    this.exports.setRoom(this.out, this.outEnd, this.scratch)
  }

  #takeViews(): void {
    this.#bytes = Buffer.from(this.#memory.buffer)
    this.#view = new DataView(this.#memory.buffer)
  }
}

function align(address: number): number {
  return Math.ceil(address / 16) * 16
}
