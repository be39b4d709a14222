import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { manifestFile, printJobFileName, type JobFormat, type LoadPackage, type ManifestFile } from '@gantry/common'

/**
 * Writes one job file of a package: hashed while it is written, on disk when closed. Nothing is created before the
 * first byte.
 */
export class JobWriter {
  readonly fileName: string
  readonly #path: string
  readonly #hash = createHash('sha256')
  #file: FileHandle | undefined
  #isBegun = false
  bytes = 0

  constructor(package_: LoadPackage, table: string, fileId: string, format: JobFormat) {
    this.fileName = printJobFileName({ table, fileId, retry: 0, format, isGzip: false })
    this.#path = package_.newJobPath(this.fileName)
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (chunk.length === 0) return
    this.#file ??= await this.#open()
    const written = writeAll(this.#file, chunk)
    // While the kernel copies the bytes.
    this.#hash.update(chunk)
    this.bytes += chunk.length
    await written
  }

  /** Closes the file until it is written to again, so that many can be written by turns. */
  async rest(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
  }

  /** Flushes to disk. @returns the manifest's entry, or undefined where nothing was written */
  async close(rows: number, source?: ManifestFile['source']): Promise<ManifestFile | undefined> {
    if (!this.#isBegun) return undefined
    this.#file ??= await this.#open()
    await this.#file.sync()
    await this.#file.close()
    return manifestFile(this.fileName, {
      rows,
      bytes: this.bytes,
      sha256: this.#hash.digest('hex'),
      ...(source === undefined ? {} : { source }),
    })
  }

  /** Closes without a trace of success; the file is left to whoever removes the package. */
  async abandon(): Promise<void> {
    await this.#file?.close()
  }

  async #open(): Promise<FileHandle> {
    const file = await open(this.#path, this.#isBegun ? 'a' : 'wx')
    this.#isBegun = true
    return file
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  let at = 0
  while (at < chunk.length) at += (await file.write(chunk, at)).bytesWritten
}
