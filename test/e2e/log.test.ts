import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { run, testFolder } from '../support/gantry.mjs'

interface Line {
  readonly level: number
  readonly time: number
  readonly stage: string
  readonly pid: number
  readonly msg: string
}

it('of a run is one stream of lines, each with the process that has said it and when', async () => {
  const home = await testFolder('log')
  await writeFile(join(home, 'orders.jsonl'), '{"id":1,"note":null}\n{"id":2,"lines":[{"n":1}]}\n')
  const before = Date.now()
  const { code, stderr } = await run('gantry', ['run', 'orders.jsonl', '--progress', 'off'], home, {
    env: { LOG_LEVEL: 'info' },
  })
  const after = Date.now()
  expect(code, stderr).toBe(0)
  const lines = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
  expect(lines.map(({ stage, level, msg }) => [stage, level, msg])).toEqual([
    ['extract', 30, 'extracted'],
    ['normalize', 30, 'normalizing'],
    ['normalize', 30, 'normalized'],
    ['normalize', 40, 'columns without a type are left out: all their values are null'],
    ['load', 30, 'loading'],
    ['load', 30, 'migrated the tables'],
    ['load', 30, 'package is loaded'],
  ])
  expect(new Set(lines.map(({ stage, pid }) => `${stage} ${pid}`)).size).toBe(3)
  expect(new Set(lines.map(({ pid }) => pid)).size).toBe(3)
  const times = lines.map(({ time }) => time)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect([times.at(0)! >= before, times.at(-1)! <= after]).toEqual([true, true])
})
