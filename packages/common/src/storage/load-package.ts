import { mkdirSync, renameSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { TerminalError } from '../errors.ts'
import { hasErrorCode, namesIn, syncFolder, tryReadText, writeFileAtomic } from './small-file.ts'
import { jobId, parseJobFileName, type JobFileName } from './job-file-name.ts'
import { tryReadManifest, type Manifest } from './manifest.ts'

/*
 * A load package is a folder named by its load id. Its states are the folders that hold it, a transition is one rename
 * (dlt `dlt/common/storages/load_package.py`). Inside, job files move between four folders in the same way.
 */

export const jobFolders = ['new_jobs', 'started_jobs', 'failed_jobs', 'completed_jobs'] as const
export type JobFolder = (typeof jobFolders)[number]

/** Where Python dlt marks a started job as soon as its end is known: a JSON document named as the job's file. */
const transitionsFolder = '.pending_transitions'

/** A job file of a package. */
export interface Job {
  readonly id: string
  readonly name: JobFileName
  readonly fileName: string
  readonly folder: JobFolder
  readonly path: string
}

/** Another process moved or removed a file of the package. */
export class JobNotFound extends TerminalError {
  override readonly code = 'job_not_found'
}

/** One load package on disk. Holds no state of its own: every call looks at the folder. */
export class LoadPackage {
  readonly loadId: string
  readonly dir: string

  constructor(dir: string) {
    this.dir = dir
    this.loadId = basename(dir)
  }

  /** Makes the empty package; its folders are there, its manifest is not. */
  static create(dir: string): LoadPackage {
    for (const folder of [...jobFolders, transitionsFolder]) mkdirSync(join(dir, folder), { recursive: true })
    return new LoadPackage(dir)
  }

  /** Where a new job file is written. */
  newJobPath(fileName: string): string {
    return join(this.dir, 'new_jobs', fileName)
  }

  /** Jobs in those folders, by file name in code-point order. */
  async jobs(...folders: readonly JobFolder[]): Promise<Job[]> {
    const jobs: Job[] = []
    for (const folder of folders) {
      for (const fileName of await namesIn(join(this.dir, folder))) {
        if (folder === 'failed_jobs' && fileName.endsWith('.exception')) continue
        const name = parseJobFileName(fileName)
        jobs.push({ id: jobId(name), name, fileName, folder, path: join(this.dir, folder, fileName) })
      }
    }
    return jobs.toSorted((a, b) => (a.fileName < b.fileName ? -1 : 1))
  }

  /**
   * Moves one job file to another state by rename, so a crash leaves it in exactly one folder.
   *
   * @throws {JobNotFound} the file is gone: another loader owns the package
   * Follows dlt `dlt/common/storages/load_package.py`, `PackageStorage._move_job`.
   */
  async move(job: Job, to: JobFolder): Promise<void> {
    if (job.folder !== to) await this.rename(job, to, job)
  }

  /** The same under another name. @returns the job at its new place @throws {JobNotFound} */
  async rename(job: Job, to: JobFolder, as: Pick<Job, 'name' | 'fileName'>): Promise<Job> {
    const path = join(this.dir, to, as.fileName)
    try {
      renameSync(job.path, path)
      return { ...job, name: as.name, fileName: as.fileName, folder: to, path }
    } catch (cause) {
      if (!hasErrorCode(cause, 'ENOENT')) throw cause
      throw new JobNotFound(`${job.path} was moved or removed by another process.`, { path: job.path }, { cause })
    }
  }

  /**
   * Completes the started jobs that Python dlt has loaded and did not come to move: it was killed behind the mark that it
   * sets when the destination has the rows. A mark of a failure is left, as such a job fails again.
   */
  async settleMarkedJobs(): Promise<void> {
    for (const job of await this.jobs('started_jobs')) {
      const mark = join(transitionsFolder, job.fileName)
      const text = await this.readText(mark)
      if (text === undefined || !isCompletedMark(text)) continue
      await this.move(job, 'completed_jobs')
      await rm(join(this.dir, mark), { force: true })
    }
  }

  /** Moves a job to `failed_jobs`, its message beside it, written first. */
  async fail(job: Job, message: string): Promise<void> {
    await writeFile(join(this.dir, 'failed_jobs', `${job.fileName}.exception`), message)
    await this.move(job, 'failed_jobs')
  }

  /** The text of the exception that failed the job; undefined where none was kept. */
  async failedMessage(job: Job): Promise<string | undefined> {
    return tryReadText(join(this.dir, 'failed_jobs', `${job.fileName}.exception`))
  }

  readText(name: string): Promise<string | undefined> {
    return tryReadText(join(this.dir, name))
  }

  writeText(name: string, text: string): Promise<void> {
    return writeFileAtomic(join(this.dir, name), text)
  }

  manifest(): Promise<Manifest | undefined> {
    return tryReadManifest(this.dir)
  }

  /** How the package ended; undefined while it has not. */
  async completion(): Promise<'loaded' | 'aborted' | undefined> {
    const text = (await this.readText('package_completed.json'))?.trim()
    return text === 'loaded' || text === 'aborted' ? text : undefined
  }

  /** Removes the files of completed jobs, unless others have failed and may have to be compared with them. */
  async removeCompletedJobs(): Promise<void> {
    if ((await this.jobs('failed_jobs')).length > 0) return
    await rm(join(this.dir, 'completed_jobs'), { recursive: true, force: true })
  }

  async remove(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true })
  }
}

/** A mark that is cut off, as its process died, says nothing. */
function isCompletedMark(text: string): boolean {
  try {
    return (JSON.parse(text) as { state?: unknown } | null)?.state === 'completed'
  } catch {
    return false
  }
}

/**
 * Commits a package: one rename from the folder it was written in to the one where the next stage looks.
 *
 * @returns the package at its new place
 */
export async function commitPackage(from: LoadPackage, toFolder: string): Promise<LoadPackage> {
  mkdirSync(toFolder, { recursive: true })
  await syncFolder(join(from.dir, 'new_jobs'))
  await syncFolder(from.dir)
  const to = join(toFolder, from.loadId)
  renameSync(from.dir, to)
  await syncFolder(toFolder)
  await syncFolder(dirname(from.dir))
  return new LoadPackage(to)
}

/** Packages in a folder in the order of their load ids. */
export async function packagesIn(folder: string): Promise<LoadPackage[]> {
  const names = (await namesIn(folder)).filter((name) => /^\d+(\.\d+)?$/.test(name))
  return names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => new LoadPackage(join(folder, name)))
}
