import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { LoadPackage } from '../../src/storage/load-package.ts'
import { namesIn } from '../../src/storage/small-file.ts'
import { thisProcess } from '../../src/storage/process-identity.ts'
import {
  closeWritingFolder,
  commitTogether,
  createWritingFolder,
  finishCommits,
  sweepWritingFolders,
} from '../../src/storage/writing-folder.ts'

let parent: string
let extracted: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'writing-'))
  extracted = join(parent, 'extracted')
})

async function writing(...loadIds: string[]): Promise<{ path: string; packages: LoadPackage[] }> {
  const path = createWritingFolder(parent)
  const packages = []
  for (const id of loadIds) packages.push(LoadPackage.create(join(path, id)))
  return { path, packages }
}

/** Makes the folder one of a process that is no more. */
async function kill(path: string): Promise<void> {
  const dead = { ...thisProcess(), pid: 2 ** 22 + 1, uuid: 'dead' }
  await writeFile(join(path, 'owner.json'), JSON.stringify(dead))
}

const others = async () => (await readdir(parent)).filter((name) => name !== 'extracted')

describe('packages of one extract', () => {
  it('are committed together, and leave nothing', async () => {
    const { path, packages } = await writing('1.5', '2.5')
    const committed = await commitTogether(path, packages, extracted)
    await closeWritingFolder(path)
    expect(committed.map((one) => one.dir)).toEqual([join(extracted, '1.5'), join(extracted, '2.5')])
    expect(await others()).toEqual([])
  })

  it('of which some were committed when it was killed are brought to their place by whoever comes next', async () => {
    const { path, packages } = await writing('1.5', '2.5', '3.5')
    const missing = new LoadPackage(join(path, 'gone'))
    await expect(commitTogether(path, [packages[0]!, missing, ...packages.slice(1)], extracted)).rejects.toThrow()
    await closeWritingFolder(path)
    // While its process lives, it is nobody else's, unless they hold the lock of extract.
    await finishCommits(parent, extracted)
    expect(await namesIn(extracted)).toEqual(['1.5'])
    await kill(path)
    await finishCommits(parent, extracted)
    expect((await namesIn(extracted)).toSorted()).toEqual(['1.5', '2.5', '3.5'])
    expect(await others()).toEqual([])
  })

  it('go with it where it was killed before', async () => {
    const { path } = await writing('1.5', '2.5')
    await kill(path)
    await finishCommits(parent, extracted)
    expect(await namesIn(extracted)).toEqual([])
    await sweepWritingFolders(parent)
    expect(await others()).toEqual([])
  })
})
