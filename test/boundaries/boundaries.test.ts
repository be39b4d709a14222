import { spawnSync } from 'node:child_process'
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, run, runNode, testFolder } from '../support/gantry.mjs'

const guard = join(root, 'test/support/guard.mjs')

describe('lint', () => {
  const planted: [where: string, code: string][] = [
    ['packages/extract/src/planted.ts', "import '@duckdb/node-api'\n"],
    ['packages/extract/src/planted.ts', "export type { load } from '@gantry/load'\n"],
    ['packages/normalize/src/planted.ts', "export const driver = () => import('@duckdb/node-api')\n"],
    ['packages/common/src/planted.ts', "export { extract } from '@gantry/extract'\n"],
    [
      'packages/load/src/planted.ts',
      "import type { DuckDBInstance } from '@duckdb/node-api'\nexport type A = DuckDBInstance\n",
    ],
    ['packages/load/src/planted.ts', "import { Client } from 'pg'\nexport const a = Client\n"],
    ['packages/normalize/src/planted.ts', "export const driver = () => import('pg')\n"],
    ['packages/pipeline/src/planted.ts', "import { load } from '@gantry/load'\nexport const a = load\n"],
  ]
  it.each(planted)('refuses in %s: %s', async (where, code) => {
    const folder = await testFolder('lint')
    await cp(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
    await mkdir(join(folder, where, '..'), { recursive: true })
    await writeFile(join(folder, where), code)
    const { status, stdout } = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['.'], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect(stdout).toContain('no-restricted-imports')
    expect(status).not.toBe(0)
  })
})

describe('guard', () => {
  it('refuses a driver, imported or required', async () => {
    const home = await testFolder('guard')
    const options = { env: { NODE_OPTIONS: `--import ${guard}` } }
    for (const driver of ['@duckdb/node-api', 'pg']) {
      for (const code of [
        `await import('${driver}')`,
        `(await import('node:module')).createRequire(import.meta.url)('${driver}')`,
      ]) {
        const { code: exit, stderr } = await runNode(['--input-type=module', '-e', code], root, options)
        expect(exit).not.toBe(0)
        expect(stderr).toContain(`guard: ${driver}`)
      }
    }
    expect(home).not.toBe('')
  })

  it('never stops extract and normalize, with worker threads too', async () => {
    const home = await testFolder('guarded')
    const rows = Array.from({ length: 60_000 }, (_, id) =>
      JSON.stringify({ id, text: 'x'.repeat(100), list: [id, { a: id }] }),
    )
    await writeFile(join(home, 'rows.jsonl'), rows.join('\n'))
    const env = { NODE_OPTIONS: `--import ${guard}` }
    const extracted = await run('gantry-extract', ['rows.jsonl'], home, { env })
    expect(extracted.code, extracted.stderr).toBe(0)
    const normalized = await run('gantry-normalize', ['--workers', '2'], home, { env })
    expect(normalized.code, normalized.stderr).toBe(0)
    expect(normalized.stdout).toContain('- rows__list: 120000 row(s)')
    const loaded = await run('gantry-load', [], home, { env })
    expect(loaded.code).not.toBe(0)
    expect(loaded.stderr).toContain('guard: @duckdb/node-api')
  })
})

describe.each(['duckdb', 'postgres'])('destination %s', (destination) => {
  it('is not imported, and its secrets are not asked for, before there is something to load', async () => {
    const home = await testFolder('lazy')
    // The provider stands for a vault that notes what it is asked.
    const program = `
      import { destination, destinations, pipeline } from '${import.meta.resolve('gantry')}'
      const asked = []
      const get = (path) => void asked.push(path.join('.'))
      const declared = ['${destination}', destinations.${destination}(), destination('named', { destinationType: '${destination}' })]
      for (const [at, one] of declared.entries()) {
        const p = pipeline({ pipelineName: 'lazy' + at, destination: one, configProviders: [{ name: 'vault', supportsSecrets: true, get }] })
        await p.extract([{ id: 1 }], { tableName: 'orders' })
        await p.normalize()
        const secrets = () => asked.filter((path) => path.includes('credentials'))
        const before = secrets()
        const error = await p.load().catch((error) => error)
        console.log(JSON.stringify([before, secrets().length > 0, String(error).includes('guard: ') || String(error).includes('lacks credentials')]))
        asked.length = 0
      }`
    const { code, stdout, stderr } = await runNode(['--input-type=module', '-e', program], home, {
      env: { NODE_OPTIONS: `--import ${guard}` },
    })
    expect(code, stderr).toBe(0)
    expect(stdout.trim().split('\n')).toEqual(Array.from({ length: 3 }, () => '[[],true,true]'))
  })
})

describe.each(['extract', 'normalize'])('an install of packages/%s alone', (stage) => {
  it('has no driver, and the stage does its work', async () => {
    const home = await testFolder(`install-${stage}`)
    const place = join(home, 'app')
    const data = join(home, 'data')
    await mkdir(data)
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) await cp(join(root, file), join(place, file))
    for (const name of await readdir(join(root, 'packages'))) {
      await cp(join(root, 'packages', name, 'package.json'), join(place, 'packages', name, 'package.json'))
      if (name === 'common' || name === stage) {
        await cp(join(root, 'packages', name, 'dist'), join(place, 'packages', name, 'dist'), { recursive: true })
      }
    }
    const install = spawnSync('npm', ['ci', '--omit=dev', '-w', `packages/${stage}`], { cwd: place, encoding: 'utf8' })
    expect(install.status, install.stderr).toBe(0)
    const installed = await readdir(join(place, 'node_modules'))
    for (const driver of ['@duckdb', 'duckdb', 'pg', '@aws-sdk', '@azure', 'typescript', 'vitest']) {
      expect(installed).not.toContain(driver)
    }
    expect(installed.includes('piscina')).toBe(stage === 'normalize')
    await writeFile(join(data, 'rows.jsonl'), '{"id":1,"list":[1,2]}\n')
    if (stage === 'normalize') await run('gantry-extract', ['rows.jsonl'], data)
    const args = stage === 'extract' ? ['rows.jsonl'] : ['--workers', '2']
    const { code, stdout, stderr } = await runNode([join(place, 'packages', stage, 'dist/bin.js'), ...args], data)
    expect(code, stderr).toBe(0)
    expect(stdout).toContain(stage === 'extract' ? 'is EXTRACTED' : '- rows__list: 2 row(s)')
  })
})
