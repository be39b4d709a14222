import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { gzipSync } from 'node:zlib'
import { manifestFile, type ManifestFile } from '@gantry/common'

/** What a file on disk holds. */
export interface FileDigest {
  readonly bytes: number
  readonly sha256: string
}

/** Blocks that are smaller than this are joined before they are written. */
const leastWriteBytes = 1 << 16

/**
 * A load file that grows by blocks. It is open only while a block is written, since a package may have more tables than
 * a process may have open files. It appears with the first block.
 */
export class LoadFile {
  readonly path: string
  readonly #isGzip: boolean
  readonly #hash = createHash('sha256')
  #bytes = 0
  #isCreated = false

  constructor(path: string) {
    this.path = path
    this.#isGzip = path.endsWith('.gz')
  }

  /** Bytes on disk. */
  get bytes(): number {
    return this.#bytes
  }

  /** Adds a block; in a compressed file it becomes a gzip member of its own, which all readers join. */
  append(block: Uint8Array): void {
    this.#write([this.#isGzip ? gzipSync(block, { level: 1 }) : block])
  }

  /** Adds blocks one behind the other, without compression. */
  appendAll(blocks: readonly Uint8Array[]): void {
    this.#write(joinSmall(blocks))
  }

  /** Brings the file to disk. @returns its entry for the manifest */
  finish(rows: number): ManifestFile {
    return manifestFile(basename(this.path), { rows, ...this.settle() })
  }

  /** Brings the file to disk. @returns what it holds */
  settle(): FileDigest {
    if (!this.#isCreated) this.append(new Uint8Array())
    const file = openSync(this.path, 'r+')
    try {
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }

  #write(blocks: readonly Uint8Array[]): void {
    const file = openSync(this.path, this.#isCreated ? 'a' : 'ax')
    this.#isCreated = true
    try {
      for (const block of blocks) {
        for (let at = 0; at < block.length;) at += writeSync(file, block, at)
        this.#hash.update(block)
        this.#bytes += block.length
      }
    } finally {
      closeSync(file)
    }
  }
}

/** The same bytes in fewer blocks. */
function joinSmall(blocks: readonly Uint8Array[]): readonly Uint8Array[] {
  const joined: Uint8Array[] = []
  let small: Uint8Array[] = []
  let smallBytes = 0
  const join = (): void => {
    if (small.length > 0) joined.push(Buffer.concat(small))
    small = []
    smallBytes = 0
  }
  for (const block of blocks) {
    if (block.length >= leastWriteBytes) {
      join()
      joined.push(block)
      continue
    }
    small.push(block)
    smallBytes += block.length
    if (smallBytes >= leastWriteBytes) join()
  }
  join()
  return joined
}
