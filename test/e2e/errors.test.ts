import { chmod, cp, mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { query } from '../support/duckdb.mjs'
import { root, run, runNode, testFolder } from '../support/gantry.mjs'

const nobody = 65_534

describe('a command that cannot do its work says what is wrong, where, and what to do', () => {
  let home: string
  beforeAll(async () => {
    home = await testFolder('errors')
    await writeFile(join(home, 'good.jsonl'), '{"id":1}\n')
  })

  it('a missing file: exit code 1', async () => {
    const { code, stderr, stdout } = await run('gantry', ['run', 'nowhere.jsonl'], home)
    expect(code).toBe(1)
    expect(stderr).toContain('There is no file nowhere.jsonl')
    expect(stdout).toBe('')
  })

  it('a malformed line: file, line, column and the text around it; the package stays and the line can be mended', async () => {
    await writeFile(join(home, 'bad.jsonl'), '{"id":1}\n\r\n{"id":2}\n{"id":3,"name":oops}\n')
    const flags = ['--pipeline-name', 'bad']
    const { code, stderr } = await run('gantry', ['run', 'bad.jsonl', ...flags], home)
    expect(code).toBe(1)
    expect(stderr).toContain('bad.jsonl, line 4, column 16: unexpected "o", expected a value')
    expect(stderr).toContain('{"id":3,"name":⟦here⟧oops}')
    const again = await run('gantry', ['normalize', ...flags], home)
    expect(again.code).toBe(1)
    expect(again.stderr).toContain('bad.jsonl, line 4')
    expect(again.stderr).toContain(join(home, 'pipelines/bad/normalize/extracted'))
  })

  it('a malformed element of a JSON array: its number', async () => {
    await writeFile(join(home, 'array.json'), '[\n {"id": 1},\n {"id": nul}\n]\n')
    const { code, stderr } = await run('gantry', ['run', 'array.json', '--pipeline-name', 'array'], home)
    expect(code).toBe(1)
    expect(stderr).toContain('array.json, element 2, column')
  })

  it('a JSON file that is cut off: line and column; nothing is extracted', async () => {
    await cp(join(root, 'examples/github-events/github_events.json'), join(home, 'cut.json'))
    await truncate(join(home, 'cut.json'), 300_000)
    const { code, stderr } = await run('gantry', ['extract', 'cut.json', '--pipeline-name', 'cut'], home)
    expect(code).toBe(1)
    expect(stderr).toMatch(/cut\.json, line \d+, column \d+: the file is cut off/)
    const { stdout } = await run('gantry', ['normalize', '--pipeline-name', 'cut'], home)
    expect(stdout).toContain('No data found to normalize')
  })

  it('a JSONL file that is cut off: its last line', async () => {
    await writeFile(join(home, 'short.jsonl'), '{"id":1}\n{"id":2,"te')
    const { code, stderr } = await run('gantry', ['run', 'short.jsonl', '--pipeline-name', 'short'], home)
    expect(code).toBe(1)
    expect(stderr).toContain('short.jsonl, line 2')
    expect(stderr).toContain('may be cut off')
  })

  it('an empty file: JSONL is nothing to do, JSON is an error', async () => {
    await writeFile(join(home, 'empty.jsonl'), '')
    await writeFile(join(home, 'empty.json'), ' \n')
    const lines = await run('gantry', ['run', 'empty.jsonl', '--pipeline-name', 'empty'], home)
    expect(lines.code, lines.stderr).toBe(0)
    expect(lines.stderr).toContain('empty.jsonl holds no rows')
    const json = await run('gantry', ['run', 'empty.json', '--pipeline-name', 'empty'], home)
    expect(json.code).toBe(1)
    expect(json.stderr).toContain('empty.json is empty')
  })

  it('text that is not UTF-8: the line', async () => {
    await writeFile(
      join(home, 'latin.jsonl'),
      Buffer.concat([Buffer.from('{"a":1}\n{"a":"'), Buffer.from([0xe9]), Buffer.from('"}\n')]),
    )
    const { code, stderr } = await run('gantry', ['extract', 'latin.jsonl', '--pipeline-name', 'latin'], home)
    expect(code).toBe(1)
    expect(stderr).toContain('latin.jsonl, line 2: not UTF-8')
  })

  it.skipIf(process.getuid?.() !== 0)('a folder without write permission: which one', async () => {
    const closed = join(home, 'closed')
    await mkdir(closed)
    await chmod(home, 0o755)
    await chmod(closed, 0o555)
    await chmod(join(home, 'good.jsonl'), 0o644)
    const { code, stderr } = await run('gantry', ['extract', 'good.jsonl', '--pipelines-dir', closed], home, {
      uid: nobody,
    })
    expect(code).toBe(1)
    expect(stderr).toContain(`No permission to write ${closed}`)
    expect(stderr).toContain('--pipelines-dir')
  })

  it('an unknown destination: the known ones, exit code 2', async () => {
    const { code, stderr } = await run('gantry', ['run', 'good.jsonl', '--destination', 'oracle'], home)
    expect(code).toBe(2)
    expect(stderr).toContain('There is no destination "oracle". Known destinations: duckdb, postgres.')
  })

  it('wrong flags: the closest one, exit code 2', async () => {
    const unknown = await run('gantry', ['run', 'good.jsonl', '--tabel', 'x'], home)
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toContain('There is no flag --tabel. Did you mean --table?')
    const choice = await run('gantry', ['run', 'good.jsonl', '--write-disposition', 'mrege'], home)
    expect(choice.code).toBe(2)
    expect(choice.stderr).toContain('--write-disposition takes append, replace, merge, skip, not "mrege".')
    const number = await run('gantry', ['normalize', '--workers', 'two'], home)
    expect(number.code).toBe(2)
    expect(number.stderr).toContain('--workers takes a whole number')
    const command = await run('gantry', ['rum'], home)
    expect(command.code).toBe(2)
    const name = await run('gantry', ['run', 'good.jsonl', '--pipeline-name', 'a.b'], home)
    expect(name.code).toBe(2)
    expect(name.stderr).toContain('"a.b" cannot be a pipeline name')
    const stdin = await run('gantry', ['run', '-'], home)
    expect(stdin.code).toBe(2)
    expect(stdin.stderr).toContain('--table')
  })

  it('a DuckDB file that another process holds: exit code 75; nothing begins, and what is pending is finished by the next run', async () => {
    const flags = ['--pipeline-name', 'held']
    const database = join(home, 'held.duckdb')
    const script = `
      import { DuckDBInstance } from ${JSON.stringify(import.meta.resolve('@duckdb/node-api'))}
      globalThis.held = await DuckDBInstance.create(${JSON.stringify(database)})
      console.log('held')
      setInterval(() => {}, 1000)`
    await writeFile(join(home, 'hold.mjs'), script)
    let holder: { kill: (signal: 'SIGKILL') => boolean } | undefined
    const held = new Promise<void>((resolve, reject) => {
      void runNode([join(home, 'hold.mjs')], home, {
        onStart(child) {
          holder = child
          child.stdout.once('data', () => resolve())
        },
      }).then(({ stderr }) => reject(new Error(stderr)), reject)
    })
    held.catch(() => undefined)
    await held
    for (const step of ['sync', 'load']) {
      const blocked = await run('gantry', ['run', 'good.jsonl', ...flags], home)
      expect(blocked.code).toBe(75)
      expect(blocked.stderr).toContain(`Step ${step} of pipeline held failed`)
      expect(blocked.stderr).toContain(`: The DuckDB file ${database} is held by another process`)
      // With a package pending there is nothing to sync.
      if (step === 'sync') expect((await run('gantry', ['extract', 'good.jsonl', ...flags], home)).code).toBe(0)
    }
    holder?.kill('SIGKILL')
    const finished = await run('gantry', ['run', 'good.jsonl', ...flags, '--json'], home)
    expect(finished.code, finished.stderr).toBe(0)
    expect(JSON.parse(finished.stdout)).toMatchObject({ skipped: true })
    expect(await query(database, 'SELECT id FROM held_dataset.good')).toEqual([['1']])
  })

  it('a value that the table refuses: the package is aborted with the reason, nothing of it is there, later ones load', async () => {
    const flags = ['--pipeline-name', 'clash']
    const ok = await run('gantry', ['run', 'good.jsonl', '--table', 'clash', ...flags], home)
    expect(ok.code, ok.stderr).toBe(0)
    await runNode(
      [
        '--input-type=module',
        '-e',
        `
        import { DuckDBInstance } from ${JSON.stringify(import.meta.resolve('@duckdb/node-api'))}
        const c = await (await DuckDBInstance.create(${JSON.stringify(join(home, 'clash.duckdb'))})).connect()
        await c.run('ALTER TABLE clash_dataset.clash ALTER id TYPE TINYINT'); await c.run('CHECKPOINT')`,
      ],
      home,
    )
    await writeFile(join(home, 'large.jsonl'), '{"id":7}\n{"id":1000}\n')
    const refused = await run('gantry', ['run', 'large.jsonl', '--table', 'clash', ...flags], home)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('table "clash" refused the data of job clash.')
    expect(await query(join(home, 'clash.duckdb'), 'SELECT count(*) FROM clash_dataset.clash')).toEqual([['1']])
    const next = await run('gantry', ['run', 'good.jsonl', '--table', 'clash', ...flags], home)
    expect(next.code, next.stderr).toBe(0)
    expect(await query(join(home, 'clash.duckdb'), 'SELECT count(*) FROM clash_dataset.clash')).toEqual([['2']])
  })

  it('a missing driver: the command that installs it, exit code 1, and the package waits', async () => {
    const bare = await testFolder('bare')
    await mkdir(join(bare, 'node_modules/@gantry'), { recursive: true })
    for (const name of ['common', 'load']) {
      const target = join(bare, 'node_modules/@gantry', name)
      await mkdir(target)
      await cp(join(root, 'packages', name, 'dist'), join(target, 'dist'), { recursive: true })
      await cp(join(root, 'packages', name, 'package.json'), join(target, 'package.json'))
    }
    for (const name of ['pino', 'pino-pretty'])
      await symlink(join(root, 'node_modules', name), join(bare, 'node_modules', name))
    const flags = ['--pipeline-name', 'bare']
    await run('gantry', ['extract', 'good.jsonl', ...flags], home)
    await run('gantry', ['normalize', ...flags], home)
    const { code, stderr } = await runNode([join(bare, 'node_modules/@gantry/load/dist/bin.js'), ...flags], home)
    expect(code).toBe(1)
    expect(stderr).toContain(
      'Destination "duckdb" needs the package @duckdb/node-api. Run: npm install @duckdb/node-api',
    )
    const { code: later, stderr: why } = await run('gantry', ['load', ...flags], home)
    expect(later, why).toBe(0)
  })

  it.each([
    ['another value', (text: string) => text.replace('1', '2')],
    ['a line less', (text: string) => text.slice(0, text.indexOf('\n') + 1)],
    ['what is no JSON any more', (text: string) => `${text}{"id":`],
    ['nothing', () => ''],
  ])('an extracted file that has %s: what was expected and what was found', async (what, change) => {
    const flags = ['--pipeline-name', `changed_${what.replaceAll(' ', '_')}`]
    await writeFile(join(home, 'two.jsonl'), '{"id":1}\n{"id":2}\n')
    const { stdout } = await run('gantry', ['extract', 'two.jsonl', ...flags, '--json'], home)
    const { load_packages: packages } = JSON.parse(stdout) as {
      load_packages: { jobs: { table_name: string; file_path: string }[] }[]
    }
    const file = packages[0]!.jobs.find((job) => job.table_name === 'two')!.file_path
    await writeFile(file, change(await readFile(file, 'utf8')))
    for (const workers of ['1', '2']) {
      const { code, stderr } = await run('gantry', ['normalize', ...flags, '--workers', workers], home)
      expect(code).toBe(1)
      expect(stderr).toContain(`${file} changed after the package was committed: expected 18 bytes`)
    }
  })

  it('an extracted file that several workers share, and that changed', async () => {
    const flags = ['--pipeline-name', 'changed_and_shared']
    await writeFile(join(home, 'many.jsonl'), '{"id":1234567}\n'.repeat(400_000))
    const { stdout } = await run('gantry', ['extract', 'many.jsonl', ...flags, '--json'], home)
    const [, file] = /"file_path":"([^"]+\/many[^"]+)"/.exec(stdout)!
    await writeFile(file!, (await readFile(file!, 'utf8')).replace(/1234567}\n$/, '1234568}\n'))
    const { code, stderr } = await run('gantry', ['normalize', ...flags, '--workers', '2'], home)
    expect(code).toBe(1)
    expect(stderr).toContain(`${file} changed after the package was committed: expected 6000000 bytes`)
  })

  it('a load file that changed after normalize: what was expected and what was found', async () => {
    const flags = ['--pipeline-name', 'changed']
    await run('gantry', ['extract', 'good.jsonl', ...flags], home)
    const { stdout } = await run('gantry', ['normalize', ...flags, '--json'], home)
    const { load_packages: packages } = JSON.parse(stdout) as {
      load_packages: { jobs: { table_name: string; file_path: string }[] }[]
    }
    const file = packages[0]!.jobs.find((job) => job.table_name === 'good')!.file_path
    await writeFile(file, (await readFile(file, 'utf8')).replace('1', '2'))
    const { code, stderr } = await run('gantry', ['load', ...flags], home)
    expect(code).toBe(1)
    expect(stderr).toContain(`${file} changed after the package was committed`)
  })
})
