import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InvalidNamingModule, loadNaming } from '../../src/naming/load-naming.ts'
import { namingConvention, UnknownNamingConvention } from '../../src/naming/open.ts'

const module = join(import.meta.dirname, '../../../../test/fixtures/naming/camel-case.js')
const startedIn = process.cwd()
let home: string

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'gantry-naming-'))
  writeFileSync(join(home, 'package.json'), '{"type":"module"}')
  cpSync(module, join(home, 'camel-case.js'))
  writeFileSync(join(home, 'broken.js'), "import 'gone-from-here'\n")
  writeFileSync(join(home, 'throws.js'), "throw new Error('not today')\n")
  const installed = join(home, 'node_modules/@shop/naming')
  mkdirSync(installed, { recursive: true })
  writeFileSync(join(installed, 'package.json'), '{"name":"@shop/naming","type":"module","exports":"./index.js"}')
  cpSync(module, join(installed, 'index.js'))
  process.chdir(home)
})
afterAll(async () => {
  process.chdir(startedIn)
  await rm(home, { recursive: true, force: true })
})

describe('a naming convention of the user', () => {
  it.each(['./camel-case.js', 'file', '@shop/naming'])('is found as %s', async (given) => {
    const reference = given === 'file' ? pathToFileURL(module).href : given
    expect(() => namingConvention(reference)).toThrow(UnknownNamingConvention)
    await loadNaming(reference, 'snake_case')
    const naming = namingConvention(reference)
    expect(naming).toMatchObject({ name: reference, caseSensitive: true, pathSeparator: '__' })
    expect(naming.normalizeIdentifier(' user id ')).toBe('userId')
    expect(naming.normalizeTablesPath('my_table__sub_list')).toBe('MyTable__SubList')
    expect(naming.normalizeIdentifier('***')).toBe('_empty')
  })

  it('may be a named export, with a separator of its own, and is shortened as all are', async () => {
    await loadNaming('./camel-case.js#loud')
    const naming = namingConvention('./camel-case.js#loud', 10)
    expect(naming.normalizePath('a$b')).toBe('A$B')
    expect(naming.normalizeIdentifier('abcdefghijklm')).toMatch(/^AB[a-z0-9]{6}LM$/)
  })

  it.each([
    ['./gone.js', UnknownNamingConvention, 'no module of that name is found from '],
    ['not-installed', UnknownNamingConvention, 'snake_case, duck_case'],
    ['data:text/javascript,export default 1', UnknownNamingConvention, 'is not known'],
    ['./camel-case.js#none', InvalidNamingModule, 'there is no such export'],
    ['./camel-case.js#unfinished', InvalidNamingModule, 'normalizeIdentifier must be a function'],
    ['./broken.js', InvalidNamingModule, 'gone-from-here'],
    ['./throws.js', InvalidNamingModule, 'not today'],
  ])('%s is refused', async (reference, type, message) => {
    const error: unknown = await loadNaming(reference).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(type)
    expect((error as Error).message).toContain(message)
  })

  it('that gives no text is named with the name that it was asked for', async () => {
    await loadNaming('./camel-case.js#odd')
    expect(() => namingConvention('./camel-case.js#odd').normalizeIdentifier('x')).toThrow(
      'made no text of "x": normalizeIdentifier gave 7',
    )
  })
})
