import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { gzipSync } from 'node:zlib'
import { manifestFile, type ManifestFile } from '@gantry/common'

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
    const bytes = this.#isGzip ? gzipSync(block, { level: 1 }) : block
    const file = openSync(this.path, this.#isCreated ? 'a' : 'ax')
    this.#isCreated = true
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
    } finally {
      closeSync(file)
    }
    this.#hash.update(bytes)
    this.#bytes += bytes.length
  }

  /** Brings the file to disk. @returns its entry for the manifest */
  finish(rows: number): ManifestFile {
    if (!this.#isCreated) this.append(new Uint8Array())
    const file = openSync(this.path, 'r+')
    try {
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    return manifestFile(basename(this.path), { rows, bytes: this.#bytes, sha256: this.#hash.digest('hex') })
  }
}
