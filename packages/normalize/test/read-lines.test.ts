import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { testFolder } from '../../../test/support/gantry.mjs'
import type { FileRange } from '../src/file-range.ts'
import { readLines } from '../src/read-lines.ts'

const text = 'first\n\nthé thïrd, 東京\r\n{"a":1}\nlast, without a line break'

async function blocksOf(range: FileRange, chunkBytes: number): Promise<string[]> {
  const blocks: string[] = []
  for await (const { bytes } of readLines(range, chunkBytes)) blocks.push(bytes.toString())
  return blocks
}

async function fileOf(bytes: Buffer): Promise<string> {
  const path = join(await testFolder('lines'), 'lines')
  await writeFile(path, bytes)
  return path
}

describe('lines of a file', () => {
  const bytes = Buffer.from(text)

  it('come whole, in chunks of any size', async () => {
    const path = await fileOf(bytes)
    for (let chunkBytes = 1; chunkBytes <= bytes.length + 1; chunkBytes++) {
      const blocks = await blocksOf({ path, isGzip: false, start: 0, end: undefined }, chunkBytes)
      expect(blocks.join('')).toBe(text)
      expect(blocks.slice(0, -1).every((block) => block.endsWith('\n'))).toBe(true)
    }
  })

  it('are each in one of two ranges, wherever those meet', async () => {
    const path = await fileOf(bytes)
    for (let place = 0; place <= bytes.length; place++) {
      for (const chunkBytes of [1, 2, 3, 7, 100]) {
        const before = await blocksOf({ path, isGzip: false, start: 0, end: place }, chunkBytes)
        const after = await blocksOf({ path, isGzip: false, start: place, end: undefined }, chunkBytes)
        expect(before.join('') + after.join('')).toBe(text)
        // A line belongs to the range in which it begins.
        const begun = place === 0 ? 0 : text.length - Buffer.from(bytes.subarray(lineBehind(place))).toString().length
        expect(before.join('').length, `ranges meet at ${place}, chunks of ${chunkBytes}`).toBe(begun)
      }
    }
  })

  it('come out of gzip alike', async () => {
    const path = await fileOf(gzipSync(bytes))
    for (const chunkBytes of [1, 10, 1000]) {
      const blocks = await blocksOf({ path, isGzip: true, start: 0, end: undefined }, chunkBytes)
      expect(blocks.join('')).toBe(text)
    }
  })

  it('lose the mark of the file, and no other', async () => {
    const path = await fileOf(Buffer.from('\ufeffa\n\ufeffb\n'))
    for (const chunkBytes of [1, 5, 100]) {
      const blocks = await blocksOf({ path, isGzip: false, start: 0, end: undefined }, chunkBytes)
      expect(blocks.join('')).toBe('a\n\ufeffb\n')
    }
  })

  /** Where the first line begins that begins at `place` or behind it. */
  function lineBehind(place: number): number {
    const newline = bytes.indexOf(0x0a, place - 1)
    return newline < 0 ? bytes.length : newline + 1
  }
})
