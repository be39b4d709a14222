// Disks that fill up: small file systems in memory, which only root may mount.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** True where file systems may be mounted. */
export function canMount() {
  const path = mkdtempSync(join(tmpdir(), 'gantry-mount-'))
  const isMounted = mount(path, 1 << 20).status === 0
  if (isMounted) spawnSync('umount', [path])
  rmdirSync(path)
  return isMounted
}

/** @returns `fill(leave)`, which leaves so many bytes free; `empty()`, which makes room again; `unmount()` */
export async function mountSmallDisk(path, bytes) {
  await mkdir(path, { recursive: true })
  const { status, stderr } = mount(path, bytes)
  if (status !== 0) throw new Error(`Nothing can be mounted at ${path}: ${stderr}`)
  const ballast = join(path, 'ballast')
  return {
    async fill(leave) {
      const { bavail, bsize } = await statfs(path)
      await writeFile(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leave), 1))
    },
    empty: () => rm(ballast),
    unmount() {
      spawnSync('umount', [path])
    },
  }
}

function mount(path, bytes) {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'none', path], { encoding: 'utf8' })
}
