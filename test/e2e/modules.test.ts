import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { query } from '../support/duckdb.mjs'
import { root, run, runNode, testFolder } from '../support/gantry.mjs'

/** A project of a user's, with Gantry installed. */
let home: string
beforeEach(async () => {
  home = await testFolder('modules')
  await symlink(join(root, 'node_modules'), join(home, 'node_modules'))
  await writeFile(join(home, 'package.json'), '{ "type": "module" }')
})

const orders = `import { resource } from 'gantry'
interface Order { readonly id: number; readonly lines: readonly string[] }
const rows: Order[] = [{ id: 1, lines: ['a', 'b'] }, { id: 2, lines: [] }]
export default resource({ name: 'orders', primaryKey: ['id'], writeDisposition: 'merge' }, () => rows)
`

async function count(file: string, table: string): Promise<unknown> {
  return (await query(join(home, file), `SELECT count(*) FROM ${table}`))[0]?.[0]
}

describe('gantry run', () => {
  it('loads the resource of a TypeScript module, again and again; the pipeline is called like the file', async () => {
    await writeFile(join(home, 'shop.ts'), orders)
    for (let turn = 0; turn < 2; turn++) {
      const { code, stdout, stderr } = await run('gantry', ['run', 'shop.ts'], home)
      expect(code, stderr).toBe(0)
      expect(stdout).toContain('Pipeline shop')
    }
    expect(await count('shop.duckdb', 'shop_dataset.orders')).toBe('2')
    expect(await count('shop.duckdb', 'shop_dataset.orders__lines')).toBe('2')
  })

  it.each([
    ['a source', "export default source({ name: 'shop' }, () => [orders])"],
    ['a function that builds a source', "export default () => source({ name: 'shop' }, () => [orders])"],
    ['a list of resources', 'export default [orders]'],
    ['a function that gives resources later', 'export default async () => [orders]'],
    ['a generator function', 'export default function* orders() { yield { id: 1 } }'],
    [
      'a pipeline beside its resources',
      "export { orders }\nexport default pipeline({ pipelineName: 'mine', datasetName: 'data' })",
    ],
  ])('takes %s', async (what, text) => {
    const declared = text.includes('function* orders')
      ? ''
      : "const orders = resource({ name: 'orders' }, [{ id: 1 }])\n"
    await writeFile(join(home, 'mine.mjs'), `import { pipeline, resource, source } from 'gantry'\n${declared}${text}\n`)
    const { code, stderr } = await run('gantry', ['run', 'mine.mjs'], home)
    expect(code, stderr).toBe(0)
    expect(await count('mine.duckdb', `${what.startsWith('a pipeline') ? 'data' : 'mine_dataset'}.orders`)).toBe('1')
  })

  it('takes destination, dataset and hints of the pipeline, unless flags say otherwise', async () => {
    await mkdir(join(home, 'databases'))
    await writeFile(
      join(home, 'mine.mjs'),
      `import { destinations, pipeline, resource } from 'gantry'
export const orders = resource({ name: 'orders' }, [{ id: 1 }])
export default pipeline({ pipelineName: 'declared', destination: destinations.duckdb('databases/a.duckdb'), datasetName: 'data' })
`,
    )
    const first = await run('gantry', ['run', 'mine.mjs'], home)
    expect(first.code, first.stderr).toBe(0)
    expect(await count('databases/a.duckdb', 'data.orders')).toBe('1')
    const second = await run('gantry', ['run', 'mine.mjs', '--dataset-name', 'other', '--pipeline-name', 'flag'], home)
    expect(second.code, second.stderr).toBe(0)
    expect(second.stdout).toContain('Pipeline flag')
    expect(await count('databases/a.duckdb', 'other.orders')).toBe('1')
  })

  it('leaves what the module prints out of standard output, and runs none of a program that asks isMain', async () => {
    await writeFile(
      join(home, 'mine.mjs'),
      `import { isMain, pipeline } from 'gantry'
console.log('imported')
export default function* orders() { yield { id: 1 } }
if (isMain(import.meta)) console.log(String(await pipeline({ pipelineName: 'main' }).run(orders)).split(' ')[1])
function* orders() { yield { id: 1 } }
`.replace('export default function* orders() { yield { id: 1 } }\n', 'export { orders as default }\n'),
    )
    const ran = await run('gantry', ['run', 'mine.mjs', '--json'], home)
    expect(ran.code, ran.stderr).toBe(0)
    expect(JSON.parse(ran.stdout)).toMatchObject({ skipped: false })
    expect(ran.stderr).toContain('imported')
    const started = await runNode(['mine.mjs'], home)
    expect(started.stdout).toBe('imported\nmain\n')
  })

  it('finishes what is pending, and leaves the module’s rows for the next run', async () => {
    await writeFile(join(home, 'shop.ts'), orders)
    expect((await run('gantry', ['extract', 'shop.ts'], home)).code).toBe(0)
    const { code, stdout, stderr } = await run('gantry', ['run', 'shop.ts', '--json'], home)
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ skipped: true })
    expect(await count('shop.duckdb', 'shop_dataset.orders')).toBe('2')
  })

  it.each([
    ['there is no such file', undefined, 2, 'There is no module mine.ts'],
    ['it exports nothing', 'export const a = 1', 2, 'has no default export'],
    ['it throws', "throw new Error('on purpose')", 1, 'on purpose'],
    ['it is no TypeScript', 'export default const', 1, 'mine.ts cannot be imported'],
    [
      'it exports a pipeline alone',
      "import { pipeline } from 'gantry'\nexport default pipeline({ pipelineName: 'mine' })",
      2,
      'nothing to load',
    ],
    [
      'its resource throws',
      "import { resource } from 'gantry'\nexport default resource({ name: 'a' }, () => { throw new Error('on purpose') })",
      1,
      'Resource "a" failed: on purpose',
    ],
  ])('says what is wrong where %s', async (_, text, exit, message) => {
    if (text !== undefined) await writeFile(join(home, 'mine.ts'), text)
    for (const command of ['run', 'extract']) {
      const { code, stderr } = await run('gantry', [command, 'mine.ts'], home)
      expect(stderr).toContain(message)
      expect(code).toBe(exit)
    }
  })

  it('takes one module, not files beside it', async () => {
    const { code, stderr } = await run('gantry', ['run', 'mine.ts', 'orders.jsonl'], home)
    expect([code, stderr.includes('A module is run by itself')]).toEqual([2, true])
  })
})

it('gantry extract, normalize and load of a module are the same stages one by one', async () => {
  await writeFile(join(home, 'shop.ts'), orders)
  for (const stage of ['extract', 'normalize', 'load']) {
    const args = [stage, ...(stage === 'extract' ? ['shop.ts'] : []), '--pipeline-name', 'stages']
    const { code, stderr } = await run('gantry', args, home)
    expect(code, stderr).toBe(0)
  }
  expect(await count('stages.duckdb', 'stages_dataset.orders')).toBe('2')
})
