import {
  nodeTable,
  nodeTableMask,
  recordFirst,
  recordKey,
  recordKeyBytes,
  recordLast,
  recordMask,
} from '../src/transcoder/layout'
import { stringEnd } from './strings'

/** The key of the record, and its closing quote, stand at `at`. */
export function isAt(at: usize, record: usize): bool {
  if (((load<u64>(at) ^ load<u64>(record, recordFirst)) & load<u64>(record, recordMask)) != 0) return false
  const bytes: usize = load<u32>(record, recordKeyBytes)
  if (bytes <= 8) return true
  if (load<u64>(at + bytes - 8) != load<u64>(record, recordLast)) return false
  return bytes <= 16 || memory.compare(at + 8, load<u32>(record, recordKey) + 8, bytes - 16) == 0
}

/** The record of the key at `at`; 0 where the plan does not have it. */
export function find(node: usize, at: usize): usize {
  const quote = stringEnd(at)
  if (quote == 0) return 0
  const bytes = quote + 1 - at
  const first = bytes >= 8 ? load<u64>(at) : load<u64>(at) & (((<u64>1) << (<u64>bytes * 8)) - 1)
  const last = bytes > 8 ? load<u64>(quote - 7) : 0
  const table: usize = load<u32>(node, nodeTable)
  const mask = load<u32>(node, nodeTableMask)
  let cell = hash(first, last, <u32>bytes) & mask
  while (true) {
    const record: usize = load<u32>(table + ((<usize>cell) << 2))
    if (record == 0) return 0
    if (load<u32>(record, recordKeyBytes) == <u32>bytes && isAt(at, record)) return record
    cell = (cell + 1) & mask
  }
}

/** The host computes the same. */
function hash(first: u64, last: u64, bytes: u32): u32 {
  const low = (<u32>first) ^ (<u32>(last >> 32)) ^ bytes
  const high = (<u32>(first >> 32)) ^ (<u32>last)
  return ((low * 0x9e37_79b1) ^ (high * 0x85eb_ca77)) >>> 7
}
