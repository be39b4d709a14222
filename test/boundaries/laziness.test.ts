import { existsSync } from 'node:fs'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root, run, runNode, testFolder, type Bin } from '../support/gantry.mjs'

const noteModules = join(root, 'test/support/note-modules.mjs')

/** Runs a command without a word in its log. @returns the files that each of its processes loaded, by script */
async function modulesOf(bin: Bin, args: readonly string[], home: string): Promise<Map<string, string[]>> {
  const noted = join(home, `modules-${bin}.txt`)
  const env = { NODE_OPTIONS: `--import ${noteModules}`, NOTED_MODULES: noted, LOG_LEVEL: 'silent' }
  const { code, stderr } = await run(bin, [...args], home, { env })
  expect(code, stderr).toBe(0)
  const modules = new Map<string, string[]>()
  for (const line of (await readFile(noted, 'utf8')).trim().split('\n')) {
    const [script, file] = line.split('\t') as [string, string]
    modules.set(script, [...(modules.get(script) ?? []), file])
  }
  return modules
}

/** Of the files, the packages that they belong to. */
function packagesOf(files: readonly string[] | undefined): string[] {
  const names = (files ?? []).map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? '')
  return [...new Set(names.filter((name) => name !== ''))].toSorted()
}

async function homeWithRows(name: string): Promise<string> {
  const home = await testFolder(name)
  await writeFile(join(home, 'rows.jsonl'), '{"id":1,"list":[1,2]}\n')
  return home
}

describe('a process loads what it needs, and no more', () => {
  it('nothing but itself for gantry --help', async () => {
    const home = await testFolder('overview')
    const modules = await modulesOf('gantry', ['--help'], home)
    expect([...modules]).toEqual([
      [
        'packages/pipeline/dist/bin.js',
        ['packages/pipeline/dist/bin.js', 'packages/common/dist/process/compile-cache.js'],
      ],
    ])
  })

  it('no library, no scheduler and no modules of users to extract a small file', async () => {
    const home = await homeWithRows('lazy-extract')
    const files = (await modulesOf('gantry-extract', ['rows.jsonl'], home)).get('packages/extract/dist/bin.js') ?? []
    expect(packagesOf(files)).toEqual([])
    expect(files).toContain('packages/extract/dist/extract.js')
    const unused = /schedule|iterate-rows|extract-rows|load-module|extractable-sources|index/
    expect(files.filter((file) => file.startsWith('packages/extract/') && unused.test(file))).toEqual([])
  })

  it('no worker threads to normalize a small file', async () => {
    const home = await homeWithRows('lazy-normalize')
    await run('gantry-extract', ['rows.jsonl'], home)
    const modules = await modulesOf('gantry-normalize', [], home)
    expect(packagesOf(modules.get('packages/normalize/dist/bin.js'))).toEqual([])
    const threads = await modulesOf('gantry-normalize', ['--workers', '2'], await extractedIn('lazy-threads'))
    expect(packagesOf([...threads.values()].flat())).toContain('piscina')
  })

  it('nothing of load to extract and normalize for a sink, whose function is not called', async () => {
    const home = await homeWithRows('lazy-sink')
    await symlink(join(root, 'node_modules'), join(home, 'node_modules'))
    await writeFile(
      join(home, 'sink.mjs'),
      `import { appendFileSync } from 'node:fs'
import { defineSink } from 'gantry'
export default defineSink({ name: 'notes' }, (rows) => appendFileSync('called.txt', JSON.stringify(rows)))
`,
    )
    const flags = ['--destination', './sink.mjs', '--pipeline-name', 'p']
    for (const [stage, args] of [
      ['extract', ['rows.jsonl', ...flags]],
      ['normalize', flags],
    ] as const) {
      const files = (await modulesOf(`gantry-${stage}`, args, home)).get(`packages/${stage}/dist/bin.js`) ?? []
      expect(files.length).toBeGreaterThan(0)
      expect(files.filter((file) => file.startsWith('packages/load/'))).toEqual([])
    }
    expect(existsSync(join(home, 'called.txt'))).toBe(false)
    await modulesOf('gantry-load', flags, home)
    expect(JSON.parse(await readFile(join(home, 'called.txt'), 'utf8'))).toEqual([{ id: 1, list: [1, 2] }])
  })

  it('a driver in the load process of gantry run alone, and nothing of the stages in the command', async () => {
    const home = await homeWithRows('lazy-run')
    const modules = await modulesOf('gantry', ['run', 'rows.jsonl'], home)
    const drivers = [...modules].filter(([, files]) => packagesOf(files).includes('@duckdb/node-api'))
    expect(drivers.map(([script]) => script)).toEqual(['packages/load/dist/worker.js'])
    const command = modules.get('packages/pipeline/dist/bin.js') ?? []
    expect(packagesOf(command)).toEqual([])
    expect(command).not.toContain('packages/extract/dist/extract.js')
    expect(command.filter((file) => /^packages\/(normalize|load)\//.test(file))).toEqual([])
  })
})

async function extractedIn(name: string): Promise<string> {
  const home = await homeWithRows(name)
  await run('gantry-extract', ['rows.jsonl'], home)
  return home
}

describe('compiled code', () => {
  const program = `
    import { enableCompileCache } from '${import.meta.resolve('@gantry/common/compile-cache')}'
    enableCompileCache()
    console.log(process.env.NODE_COMPILE_CACHE ?? 'nowhere')`
  const canKeep = Number(process.versions.node.split('.')[0]) >= 23

  it.runIf(canKeep)('is kept in a folder of the user, for the processes of a run too', async () => {
    const home = await testFolder('compiled')
    const { stdout } = await runNode(['--input-type=module', '-e', program], home, { env: { XDG_CACHE_HOME: home } })
    expect(stdout.trim()).toBe(join(home, 'gantry', 'compiled'))
  })

  it('is nowhere where Node cannot keep it, or where the folder cannot be written, and nothing fails', async () => {
    const home = await homeWithRows('uncompiled')
    const { code, stderr } = await run('gantry-extract', ['rows.jsonl'], home, {
      env: { XDG_CACHE_HOME: '/dev/null' },
    })
    expect(code, stderr).toBe(0)
  })
})
