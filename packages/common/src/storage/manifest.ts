import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { TerminalError } from '../errors.ts'
import { readAhead } from '../read-ahead.ts'
import { hasErrorCode, tryReadText, writeFileAtomic } from './small-file.ts'
import { jobId, parseJobFileName, type JobFormat } from './job-file-name.ts'

/*
 * `manifest.json` is the last file written into a package: a package of Gantry's exists when its manifest exists, and
 * only files that it names count. Packages made by Python dlt have none and were committed by a rename.
 */

const formatVersion = 1

/** An input file: its path as the user gave it (`-` for standard input), and what its rows are counted by there. */
export interface InputSource {
  readonly path: string
  readonly counts: 'lines' | 'elements'
}

export interface ManifestFile {
  readonly job_id: string
  readonly table: string
  readonly format: JobFormat
  readonly compression: 'gzip' | null
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
  /** Where the rows were copied from, so that a fault in them can be shown where the user knows it. */
  readonly source?: InputSource
}

/** By which a file is known again. */
export type FileProof = Pick<ManifestFile, 'bytes' | 'sha256'>

export interface Manifest {
  readonly format_version: number
  readonly stage: 'extract' | 'normalize'
  readonly load_id: string
  /** Load id of the package that this one was made from. */
  readonly parent_load_id: string | null
  readonly schema: { readonly name: string; readonly version_hash: string }
  readonly capabilities: { readonly destination: string | null }
  readonly state_version: number | null
  readonly files: readonly ManifestFile[]
}

/** What a package's files contain contradicts what was written when the package was committed. */
export class PackageCorrupted extends TerminalError {
  override readonly code = 'package_corrupted'
}

export async function writeManifest(packageDir: string, manifest: Omit<Manifest, 'format_version'>): Promise<void> {
  const document: Manifest = { format_version: formatVersion, ...manifest }
  await writeFileAtomic(join(packageDir, 'manifest.json'), `${JSON.stringify(document, undefined, 2)}\n`)
}

/** The package's manifest; undefined for a package that Python dlt made, or one that was never finished. */
export async function tryReadManifest(packageDir: string): Promise<Manifest | undefined> {
  const path = join(packageDir, 'manifest.json')
  const text = await tryReadText(path)
  if (text === undefined) return undefined
  let manifest: Manifest
  try {
    manifest = JSON.parse(text) as Manifest
  } catch (cause) {
    throw new PackageCorrupted(`${path} is not JSON. Restore the file or drop the package.`, { path }, { cause })
  }
  if (manifest.format_version !== formatVersion) {
    throw new PackageCorrupted(
      `${path} has format version ${manifest.format_version}, this version of Gantry reads ${formatVersion}. Update Gantry.`,
      { path },
    )
  }
  return manifest
}

/**
 * Compares all files of a package with its manifest, by size and SHA-256.
 *
 * @param filesByJobId  where each job's file is now
 * @param leftOut       paths of files that whoever reads them verifies himself
 * @throws {PackageCorrupted} names the file, what was expected and what was found
 */
export async function verifyManifest(
  manifest: Manifest,
  filesByJobId: ReadonlyMap<string, string>,
  leftOut: ReadonlySet<string> = new Set(),
): Promise<void> {
  for (const expected of manifest.files) {
    const path = filesByJobId.get(expected.job_id)
    if (path === undefined) {
      throw new PackageCorrupted(
        `Package ${manifest.load_id} lacks the file of job ${expected.job_id}. Restore it or drop the package.`,
        { loadId: manifest.load_id, jobId: expected.job_id },
      )
    }
    if (!leftOut.has(path)) verifyFile(path, expected, await hashFile(path))
  }
  for (const [id, path] of filesByJobId) {
    if (!manifest.files.some((file) => file.job_id === id)) {
      throw new PackageCorrupted(
        `${path} is not named by the manifest of package ${manifest.load_id}. Remove the file.`,
        { path, loadId: manifest.load_id },
      )
    }
  }
}

/** @throws {PackageCorrupted} */
export function verifyFile(path: string, expected: FileProof, found: FileProof): void {
  if (found.bytes === expected.bytes && found.sha256 === expected.sha256) return
  throw new PackageCorrupted(
    `${path} changed after the package was committed: expected ${expected.bytes} bytes with SHA-256 ` +
      `${expected.sha256}, found ${found.bytes} bytes with ${found.sha256}. Restore it or drop the package.`,
    { path, expected, found },
  )
}

async function hashFile(path: string): Promise<FileProof> {
  const hash = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of readAhead(path)) {
      hash.update(chunk)
      bytes += chunk.length
    }
  } catch (cause) {
    if (!hasErrorCode(cause, 'ENOENT')) throw cause
    throw new PackageCorrupted(`${path} is gone. Restore it or drop the package.`, { path }, { cause })
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** The manifest's entry of a file that was just written. */
export function manifestFile(
  fileName: string,
  file: { readonly rows: number; readonly bytes: number; readonly sha256: string; readonly source?: InputSource },
): ManifestFile {
  const name = parseJobFileName(fileName)
  return {
    job_id: jobId(name),
    table: name.table,
    format: name.format,
    compression: name.isGzip ? 'gzip' : null,
    rows: file.rows,
    bytes: file.bytes,
    sha256: file.sha256,
    ...(file.source === undefined ? {} : { source: file.source }),
  }
}
