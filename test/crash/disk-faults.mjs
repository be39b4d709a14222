// Disks that are full: that of the working folder, and that of a DuckDB file.
import { cp, rename, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { mountSmallDisk } from '../support/small-disk.mjs'

const diskBytes = 64 << 20

/** @param leaves  bytes that are free when the command begins, for each trial; so it fails here and there */
export function workingFolderFaults(leaves) {
  return withRoom('a working folder', leaves, (what, leave) => ({
    async start(_log, place) {
      const path = join(place, 'pipelines')
      const disk = await diskInPlaceOf(path)
      await disk.fill(leave)
      return {
        env: {},
        async end(outcome) {
          await disk.empty()
          const aside = `${path}.aside`
          await cp(path, aside, { recursive: true })
          disk.unmount()
          await rename(aside, path)
          return told(what, outcome, join(path, 'crash'))
        },
      }
    },
  }))
}

export function duckdbFileFaults(leaves) {
  return withRoom('a DuckDB file', leaves, (what, leave) => ({
    async start(_log, place) {
      const path = join(place, 'database')
      const disk = await mountSmallDisk(path, diskBytes)
      const file = join(path, 'crash.duckdb')
      if (existsSync(join(place, 'crash.duckdb'))) await cp(join(place, 'crash.duckdb'), file)
      await disk.fill(leave)
      return {
        env: { DESTINATION__DUCKDB__CREDENTIALS: file },
        async end(outcome) {
          await disk.empty()
          for (const name of ['crash.duckdb', 'crash.duckdb.wal']) {
            if (existsSync(join(path, name))) await cp(join(path, name), join(place, name))
          }
          disk.unmount()
          return told(what, outcome, path)
        },
      }
    },
  }))
}

function withRoom(where, leaves, fault) {
  return leaves.map((leave, at) => {
    const what = `${where} whose disk has ${leave >> 10} KB left`
    return { what, isFew: at === 0, ...fault(what, leave) }
  })
}

/** A disk in the place of a folder, with what is in it. */
async function diskInPlaceOf(path) {
  const aside = `${path}.aside`
  const isThere = existsSync(path)
  if (isThere) await rename(path, aside)
  const disk = await mountSmallDisk(path, diskBytes)
  if (isThere) {
    await cp(aside, path, { recursive: true })
    await rm(aside, { recursive: true })
  }
  return disk
}

/** The error has to say what is full, and where. @returns where the fault has hit */
function told(what, { code, stderr }, path) {
  if (code === 0) return undefined
  return stderr.includes('disk is full') && stderr.includes(path)
    ? what
    : `an error that does not tell: ${stderr.trim()}`
}
