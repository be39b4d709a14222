/*
 * The transcoder: rows of JSON, as bytes, to the columns of a Parquet page or to lines of JSON or CSV, without making a
 * value of them. It reads by a plan that the host has written into memory (`src/transcoder/compile-plan.ts`), and takes a
 * row only where each value is already what its column holds; any other row goes back to the host untouched. It also
 * encodes full pages, wherever their values come from.
 */
export { beginBatch } from './rows'
export { place, scan, state, lines } from './scan'
export { emitColumn, indexRows, presentValues } from './emit-column'
export { emitJson, emitCsv, nextRow } from './emit-text'
export { countIds } from './ids'
export { giveIdsByPlace, setRoom } from './fixed-ids'
export { decodeIntegers, encodeIntegers, encodeTexts, isShared } from './delta'

/** Where the memory is the host's to use. */
export const firstFree: usize = __heap_base
