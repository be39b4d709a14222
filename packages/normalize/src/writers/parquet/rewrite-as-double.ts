import { randomBytes } from 'node:crypto'
import { closeSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LoadFile, type FileDigest } from '../load-file.ts'
import { tryCodecById } from './compression.ts'
import { footer, magic, ParquetFileError, readAt, readFooter } from './footer.ts'
import {
  columnChunkFields,
  columnFields,
  encodingsOf,
  fileFields,
  nextPlace,
  numberAt,
  rowGroupFields,
  schemaElement,
  schemaFields,
  spannedBy,
  structAt,
  structsAt,
  textAt,
  type Place,
} from './metadata.ts'
import { widenPage, type SealedPage } from './page.ts'
import { double, physicalTypes } from './parquet-type.ts'
import { i32, i64, list, type ThriftFields, type ThriftValue } from './thrift-compact.ts'

/**
 * Rewrites a closed file of ours with doubles in the named columns, which hold integers so far: those of a column that a
 * later file of the package has widened. Keeps one chunk in memory. A crash leaves the old file or the new one.
 *
 * @param columns  names of columns of the file; their integers all have an exact double
 * @returns size and hash of the new file
 * @throws {ParquetFileError} the file is not as this writer makes it
 */
export function rewriteAsDouble(path: string, columns: ReadonlySet<string>): FileDigest {
  const aside = join(dirname(path), `.${randomBytes(8).toString('hex')}.tmp`)
  try {
    const digest = copyAsDouble(path, aside, columns)
    renameSync(aside, path)
    return digest
  } catch (cause) {
    rmSync(aside, { force: true })
    if (!(cause instanceof RangeError)) throw cause
    throw new ParquetFileError(`${path} cannot be read: ${cause.message}. Run normalize again.`, { path }, { cause })
  }
}

function copyAsDouble(from: string, to: string, columns: ReadonlySet<string>): FileDigest {
  const source = openSync(from, 'r')
  try {
    const metadata = readFooter(source, from)
    // The first element is the root of the schema.
    const [root, ...elements] = structsAt(metadata, fileFields.schema)
    const isWidened = elements.map((element) => columns.has(textAt(element, schemaFields.name)))
    const target = new LoadFile(to)
    target.append(magic)
    const rowGroups = structsAt(metadata, fileFields.rowGroups).map((group) =>
      copyRowGroup(source, target, group, isWidened),
    )
    const schema = [
      structOf(root!),
      ...elements.map((element, index) =>
        isWidened[index] === true ? schemaElement(textAt(element, schemaFields.name), double) : structOf(element),
      ),
    ]
    target.appendAll(
      footer(replaced(metadata, [fileFields.schema, list(schema)], [fileFields.rowGroups, list(rowGroups)])),
    )
    return target.settle()
  } finally {
    closeSync(source)
  }
}

function copyRowGroup(
  source: number,
  target: LoadFile,
  group: ThriftFields,
  isWidened: readonly boolean[],
): ThriftValue {
  const places: Place[] = []
  const columns = structsAt(group, rowGroupFields.columns).map((chunk, index) => {
    const metadata = structAt(chunk, columnChunkFields.metadata)
    const isInteger = isWidened[index] === true
    const { place, pages } = copyChunk(source, target, metadata, isInteger)
    places.push(place)
    const copied = replaced(
      metadata,
      [columnFields.type, isInteger ? i32(physicalTypes.double) : undefined],
      [columnFields.encodings, pages],
      [columnFields.bytes, i64(place.bytes)],
      [columnFields.compressedBytes, i64(place.compressedBytes)],
      [columnFields.firstPageOffset, i64(place.offset)],
    )
    return structOf(replaced(chunk, [columnChunkFields.metadata, structOf(copied)]))
  })
  const { offset, bytes, compressedBytes } = spannedBy(places)
  return structOf(
    replaced(
      group,
      [rowGroupFields.columns, list(columns)],
      [rowGroupFields.bytes, i64(bytes)],
      [rowGroupFields.offset, i64(offset)],
      [rowGroupFields.compressedBytes, i64(compressedBytes)],
    ),
  )
}

/** @returns where the copy lies; and, where its pages are other ones, their encodings */
function copyChunk(
  source: number,
  target: LoadFile,
  metadata: ThriftFields,
  isInteger: boolean,
): { readonly place: Place; readonly pages: ThriftValue | undefined } {
  const offset = target.bytes
  const compressedBytes = numberAt(metadata, columnFields.compressedBytes)
  const chunk = readAt(source, numberAt(metadata, columnFields.firstPageOffset), compressedBytes)
  if (!isInteger) {
    target.append(chunk)
    return { place: { offset, bytes: numberAt(metadata, columnFields.bytes), compressedBytes }, pages: undefined }
  }
  const pages = widenPages(chunk, metadata)
  target.appendAll(pages.flatMap(({ blocks }) => blocks))
  return { place: nextPlace(offset, pages), pages: encodingsOf(pages) }
}

function widenPages(chunk: Uint8Array, metadata: ThriftFields): readonly SealedPage[] {
  const type = numberAt(metadata, columnFields.type)
  const codec = tryCodecById(numberAt(metadata, columnFields.codec))
  if (codec === undefined) throw new RangeError('its compression is not known here')
  if (type !== physicalTypes.int32 && type !== physicalTypes.int64) throw new RangeError('a column holds no integers')
  const pages: SealedPage[] = []
  for (let at = 0; at < chunk.length;) {
    const { page, end } = widenPage(chunk, at, type === physicalTypes.int32 ? 4 : 8, codec)
    pages.push(page)
    at = end
  }
  return pages
}

function structOf(fields: ThriftFields): ThriftValue {
  return { type: 'struct', fields }
}

/** The same fields with other values; undefined leaves one as it is. Their order stays. */
function replaced(
  fields: ThriftFields,
  ...values: readonly (readonly [id: number, value: ThriftValue | undefined])[]
): ThriftFields {
  const copy = new Map(fields)
  for (const [id, value] of values) if (value !== undefined) copy.set(id, value)
  return copy
}
