import { randomFillSync, randomInt } from 'node:crypto'
import { systemClock, type Clock } from './clock.ts'
import { TerminalError } from './errors.ts'
import { shake128 } from './hash.ts'

/*
 * The three kinds of id that dlt puts on disk and into tables. Load id: a Unix time that never repeats. File id: ten
 * hexadecimal digits. Row id: ten bytes in base64, random for root rows, a hash where a rerun has to find them again.
 */

/** Bytes of a row id (`dlt/common/normalizers/utils.py`, `DLT_ID_LENGTH_BYTES`); 14 characters of base64. */
const rowIdBytes = 10

/** Hands out load ids: Unix seconds as Python prints them, e.g. `1795290022.8484793`, each greater than the one before. */
export class LoadIds {
  readonly #clock: Clock
  #last = 0

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  /**
   * The next id. Where the clock has not gone on since the last one, or went back, it is the next double, as dlt does
   * (`dlt/common/time.py`, `increasing_precise_time`): load ids order packages, so they must never repeat nor fall.
   */
  next(): string {
    const now = this.#clock.nowMs() / 1000
    this.#last = now > this.#last ? now : nextDouble(this.#last)
    return loadIdText(this.#last)
  }

  /** Makes all further ids greater than `loadId`, e.g. that of a package made by another process. */
  startAfter(loadId: string): void {
    const seconds = Number(loadId)
    if (seconds > this.#last) this.#last = seconds
  }
}

/** The load ids of this process. */
export const processLoadIds: LoadIds = new LoadIds()

function nextDouble(value: number): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  view.setBigUint64(0, view.getBigUint64(0) + 1n)
  return view.getFloat64(0)
}

/** Python prints whole seconds with `.0`; the rest is the shortest text that reads back, as in JavaScript. */
function loadIdText(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}.0` : String(seconds)
}

const fileIdDigits = 10
const fileIdEnd = 16 ** fileIdDigits

/** A package asked for more file ids than there are after the first one. */
export class FileIdsExhausted extends TerminalError {
  override readonly code = 'file_ids_exhausted'

  constructor() {
    super('No file id is left after the last one of this package.')
  }
}

/**
 * Hands out the file ids of one package: 10 lower-case hexadecimal digits, ascending in code point order, so that
 * files read in order of their names are read in the order in which they were made.
 */
export class FileIds {
  #next: number

  /** @param first  number of the first id; by default random in the lower half, which leaves 5 × 10^11 ids */
  constructor(first: number = randomInt(fileIdEnd / 2)) {
    this.#next = first
  }

  next(): string {
    if (this.#next >= fileIdEnd) throw new FileIdsExhausted()
    return (this.#next++).toString(16).padStart(fileIdDigits, '0')
  }

  /** Makes all further ids greater than `fileId`, e.g. the last one of a package that is gone on with. */
  startAfter(fileId: string): void {
    this.#next = Math.max(this.#next, Number.parseInt(fileId, 16) + 1)
  }
}

/** Source of row ids that follow from nothing: 14 characters of base64, no two alike. */
export interface RowIds {
  next(): string
  /** Writes ids one behind the other, as many as there is room for. Sources without it are asked for each. */
  fill?(target: Buffer): void
}

/** Ids drawn at once. Their text stays in memory as long as one of them does, hence not more. */
const pooledRowIds = 512

/** Random row ids, some twenty million a second. */
export function randomRowIds(): RowIds {
  // Unpadded base64 of 10 bytes is 80 bits in 84: two ids are 21 bytes with 4 zero bits at the end of each, so that one
  // base64 text of the whole pool is the texts of its ids, end to end.
  const bytes = Buffer.allocUnsafe((pooledRowIds / 2) * 21)
  let pool = ''
  let at = 0
  const draw = (): string => {
    randomFillSync(bytes)
    for (let pair = 0; pair < bytes.length; pair += 21) {
      bytes[pair + 10] = (bytes[pair + 10] as number) & 0x0f
      bytes[pair + 20] = (bytes[pair + 20] as number) & 0xf0
    }
    return bytes.toString('base64')
  }
  return {
    next() {
      if (at === pool.length) {
        pool = draw()
        at = 0
      }
      const from = at
      at += 14
      return pool.slice(from, at)
    },
    fill(target) {
      for (let from = 0; from < target.length;) {
        if (at === pool.length) {
          pool = draw()
          at = 0
        }
        const written = target.write(pool.slice(at), from, 'latin1')
        from += written
        at += written
      }
    },
  }
}

/**
 * Id of a row below another: the same for the same place, so a rerun finds the row again.
 *
 * @param table  normalized name of the row's own table
 * @param index  position in its list
 * Follows dlt `dlt/common/normalizers/json/helpers.py`, `get_nested_row_hash`.
 */
export function nestedRowId(parentId: string, table: string, index: number): string {
  return shake128(`${parentId}_${table}_${index}`, rowIdBytes)
}

/**
 * Id of a row by its content or key.
 *
 * @param json  compact JSON with keys sorted at all levels: of the raw item without its top-level `_dlt…` keys (scd2),
 *              or of the primary key columns of the flattened row (upsert, insert-only)
 */
export function contentRowId(json: string): string {
  return shake128(json, rowIdBytes)
}
