// What besides kills can come between a pipeline and its rows.
import { canMount } from '../support/small-disk.mjs'
import { duckdbFileFaults, workingFolderFaults } from './disk-faults.mjs'
import { postgresFaults } from './postgres-faults.mjs'

/** Room on a disk, in bytes, with which the data of a load does not do. */
const leftInFolder = [0, 64 << 10, 256 << 10, 512 << 10]
const leftForFile = [0, 256 << 10]

export function faultsOf(engine) {
  const faults = engine.server === undefined ? [] : postgresFaults(engine)
  if (!canMount()) {
    console.log('SKIPPED: full disks. Only root may mount the small file systems that they need.')
    return faults
  }
  return [
    ...faults,
    ...workingFolderFaults(leftInFolder),
    ...(engine.server === undefined ? duckdbFileFaults(leftForFile) : []),
  ]
}
