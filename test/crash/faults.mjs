// What besides kills can come between a pipeline and its rows.
import { canMount } from '../support/small-disk.mjs'
import { duckdbFileFaults, workingFolderFaults } from './disk-faults.mjs'
import { postgresFaults } from './postgres-faults.mjs'

/** Room on a disk, in bytes, with which the data of a load does not do: it ends in this stage or that. */
const leftInFolder = [0, 64 << 10, 256 << 10, 512 << 10]
const leftForFile = [0, 256 << 10]

/** @param which  `all`, `few`, or a word in the name of a fault */
export function faultsOf(engine, which) {
  const isPostgres = engine.server !== undefined
  const disks = [...workingFolderFaults(leftInFolder), ...(isPostgres ? [] : duckdbFileFaults(leftForFile))]
  const faults = [...(isPostgres ? postgresFaults(engine) : []), ...(canMount() ? disks : [])]
  if (!canMount()) console.log('SKIPPED: full disks. Only root may mount the small file systems that they need.')
  if (which === 'all') return faults
  return which === 'few' ? faults.filter(({ isFew }) => isFew) : faults.filter(({ what }) => what.includes(which))
}
