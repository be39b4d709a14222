import { TransientError } from '../errors.ts'
import { hasErrorCode } from './small-file.ts'

/** The disk that the working folder is on is full. */
export class WorkingFolderFull extends TransientError {
  override readonly code = 'working_folder_full'
}

/**
 * Does a stage's work in a working folder. The system's error for a full disk names no file where one was open, so it is
 * told with the folder.
 *
 * @throws {WorkingFolderFull}
 */
export async function inWorkingFolder<Result>(root: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!isFullDisk(error, root)) throw error
    throw new WorkingFolderFull(
      `The disk is full: writing in the working folder ${root} failed. Make room there, then run the ` +
        'command again: it goes on from what was committed.',
      { path: root },
      { cause: error },
    )
  }
}

/** True for the system's error, or one that it caused; not for that of a file elsewhere. */
function isFullDisk(error: unknown, root: string): boolean {
  if (!(error instanceof Error)) return false
  if (!hasErrorCode(error, 'ENOSPC', 'EDQUOT')) return isFullDisk(error.cause, root)
  const { path } = error as NodeJS.ErrnoException
  return path === undefined || path.startsWith(root)
}
