import { spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root, runNode, testFolder } from '../support/gantry.mjs'

// The second example of the README, as a user's own program: compiled against the packed packages, and run.
const program = `
import { pipeline } from 'gantry'

const p = pipeline({ pipelineName: 'quick_start', destination: 'duckdb', datasetName: 'mydata' })
const info = await p.run([{ id: 1, name: 'Alice' }, { id: 2, name: 'Bob' }], { tableName: 'users' })
console.log(String(info))
for await (const row of p.dataset().table('users').rows()) console.log(row)
`

it('works for a user who installs the packed packages', async () => {
  const home = await testFolder('packed')
  const tarballs = join(home, 'tarballs')
  await mkdir(tarballs)
  const packages = await readdir(join(root, 'packages'))
  const npm = (cwd: string, ...args: string[]): void => {
    const { status, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' })
    expect(status, stderr).toBe(0)
  }
  npm(
    root,
    'pack',
    '--silent',
    '--pack-destination',
    tarballs,
    ...packages.flatMap((name) => ['-w', `packages/${name}`]),
  )
  const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  await writeFile(join(home, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  await writeFile(join(home, 'main.ts'), program)
  await writeFile(
    join(home, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'es2023',
        lib: ['es2023', 'esnext.disposable'],
        module: 'nodenext',
        strict: true,
        types: ['node'],
        outDir: 'out',
      },
      files: ['main.ts'],
    }),
  )
  const files = (await readdir(tarballs)).map((name) => join(tarballs, name))
  npm(
    home,
    'install',
    '--no-audit',
    '--no-fund',
    ...files,
    ...['@duckdb/node-api', 'typescript', '@types/node'].map((name) => `${name}@${devDependencies[name]}`),
  )
  const compiled = spawnSync('npx', ['tsc', '-p', '.'], { cwd: home, encoding: 'utf8' })
  expect(compiled.stdout + compiled.stderr).toBe('')
  const { code, stdout, stderr } = await runNode([join(home, 'out/main.js')], home)
  expect(code, stderr).toBe(0)
  const lines = stdout.split('\n')
  expect(lines[0]).toMatch(/^Pipeline quick_start load step completed in [\d.]+ seconds?$/)
  expect(lines[1]).toBe('1 load package(s) were loaded to destination duckdb and into dataset mydata')
  expect(lines[2]).toBe(
    `The duckdb destination used duckdb:///${join(home, 'quick_start.duckdb')} location to store data`,
  )
  expect(lines[3]).toMatch(/^Load package \d+\.\d+ is LOADED and contains no failed jobs$/)
  expect(stdout).toContain("name: 'Alice'")
  expect(stdout).toContain("name: 'Bob'")
})
