import { createReadStream } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { addAbortSignal, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { hasErrorCode, InvalidUsage, readAhead, TerminalError } from '@gantry/common'

/** An input that cannot be read as it is: missing, not readable, a folder, cut off, not UTF-8, not JSON. */
export class InputError extends TerminalError {
  override readonly code = 'input_error'
}

/** How the rows lie in a file. */
type InputFormat = 'jsonl' | 'json'

/** A file, or standard input (`path` is `-`), whose rows go to one table. */
export interface Input {
  readonly path: string
  readonly format: InputFormat
  readonly isGzip: boolean
}

/**
 * Looks at a path: the format follows from the name, `.gz` behind it means compressed.
 *
 * @throws {InvalidUsage} a format that cannot be read
 */
export function describeInput(path: string): Input {
  if (path === '-') return { path, format: 'jsonl', isGzip: false }
  const name = basename(path).toLowerCase()
  const isGzip = name.endsWith('.gz')
  const bare = isGzip ? name.slice(0, -3) : name
  if (bare.endsWith('.jsonl') || bare.endsWith('.ndjson')) return { path, format: 'jsonl', isGzip }
  if (bare.endsWith('.json')) return { path, format: 'json', isGzip }
  throw new InvalidUsage(
    `Cannot tell how to read ${path}. Give a file that ends in .jsonl, .ndjson or .json (.gz may follow), or - for JSON lines on standard input.`,
    { path },
  )
}

/** Name of the table for a file: its stem up to the first dot. @throws {InvalidUsage} standard input has none */
export function tableOfPath(path: string): string {
  const stem = basename(path).split('.')[0] ?? ''
  if (path === '-' || stem === '') {
    throw new InvalidUsage(`${path === '-' ? 'Standard input' : path} needs a table name: add --table <name>.`, {
      path,
    })
  }
  return stem
}

/** @throws {InputError} the file is missing, is no file, or may not be read */
export async function checkReadable(path: string): Promise<{ readonly size: number | undefined }> {
  if (path === '-') return { size: undefined }
  try {
    const found = await stat(path)
    if (found.isDirectory()) {
      throw new InputError(`${path} is a folder. Give the files in it, for example ${path}/*.jsonl.`, { path })
    }
    await access(path, constants.R_OK)
    return { size: found.isFile() ? found.size : undefined }
  } catch (cause) {
    if (hasErrorCode(cause, 'ENOENT', 'ENOTDIR')) {
      throw new InputError(
        `There is no file ${path}. Check the path; it is relative to ${process.cwd()}.`,
        { path },
        { cause },
      )
    }
    if (hasErrorCode(cause, 'EACCES', 'EPERM')) {
      throw new InputError(
        `${path} may not be read by this user. Change its permissions, or run as its owner.`,
        { path },
        { cause },
      )
    }
    throw cause
  }
}

/** The bytes of an input, decompressed, in large chunks, each of which is valid until the next is asked for. */
export async function* readInput(input: Input, signal: AbortSignal): AsyncGenerator<Buffer> {
  const isPlainFile = input.path !== '-' && !input.isGzip && (await stat(input.path)).isFile()
  for await (const chunk of isPlainFile ? readAhead(input.path) : readStream(input, signal)) {
    signal.throwIfAborted()
    yield chunk
  }
}

/** Standard input, pipes, and what has to be decompressed. */
async function* readStream(input: Input, signal: AbortSignal): AsyncGenerator<Buffer> {
  const raw: Readable = input.path === '-' ? process.stdin : createReadStream(input.path, { highWaterMark: chunkBytes })
  const stream = input.isGzip ? raw.pipe(createGunzip({ chunkSize: 1 << 18 })) : raw
  if (stream !== raw) raw.on('error', (error) => stream.destroy(error))
  // Also ends a read that waits, as for standard input.
  addAbortSignal(signal, stream)
  try {
    for await (const chunk of stream) yield chunk as Buffer
  } catch (cause) {
    signal.throwIfAborted()
    if (hasErrorCode(cause, 'Z_BUF_ERROR')) {
      throw new InputError(
        `${input.path} is cut off: its compressed data ends too early. Fetch it again.`,
        { path: input.path },
        { cause },
      )
    }
    if (hasErrorCode(cause, 'Z_DATA_ERROR')) {
      throw new InputError(`${input.path} is not gzip, or is damaged. Fetch it again.`, { path: input.path }, { cause })
    }
    throw cause
  }
}

/** As {@link readAhead} reads. */
const chunkBytes = 1 << 20
