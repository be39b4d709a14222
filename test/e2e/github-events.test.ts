import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { query } from '../support/duckdb.mjs'
import { root, run, testFolder } from '../support/gantry.mjs'
import { differencesFromDlt } from '../support/github-events.mjs'

const input = join(root, 'examples/github-events/github_events.json')

describe('100 GitHub events', () => {
  let home: string
  beforeAll(async () => {
    home = await testFolder('github')
  })

  it('give the tables, types, rows and links that Python dlt makes of them, by gantry run', async () => {
    const { code, stdout, stderr } = await run('gantry', ['run', input, '--table', 'events', '--json'], home)
    expect(stderr).not.toContain('rror')
    expect(code).toBe(0)
    const info = JSON.parse(stdout) as { stages: { stage: string; pid: number }[]; skipped: boolean }
    expect(new Set(info.stages.map(({ pid }) => pid)).size).toBe(3)
    expect(info.skipped).toBe(false)
    expect(await differencesFromDlt(join(home, 'gantry.duckdb'), 'gantry_dataset')).toEqual([])
  })

  it('give the same by three commands, with the working folder copied between them', async () => {
    const places = ['a', 'b', 'c'].map((name) => join(home, name))
    for (const place of places) await mkdir(place)
    const [first, second, third] = places as [string, string, string]
    const flags = ['--pipeline-name', 'moved']
    const extracted = await run('gantry', ['extract', input, '--table', 'events', ...flags], first)
    expect(extracted.code, extracted.stderr).toBe(0)
    await cp(join(first, 'pipelines'), join(second, 'pipelines'), { recursive: true })
    const normalized = await run('gantry-normalize', flags, second)
    expect(normalized.code, normalized.stderr).toBe(0)
    expect(normalized.stdout).toContain('- events__issue__assignees: 55 row(s)')
    await cp(join(second, 'pipelines'), join(third, 'pipelines'), { recursive: true })
    const loaded = await run('gantry', ['load', ...flags], third)
    expect(loaded.code, loaded.stderr).toBe(0)
    expect(await differencesFromDlt(join(third, 'moved.duckdb'), 'moved_dataset')).toEqual([])
  })

  it('are appended again by a second run, and replaced on request', async () => {
    const again = await run('gantry', ['run', input, '--table', 'events'], home)
    expect(again.code, again.stderr).toBe(0)
    const count =
      'SELECT (SELECT count(*) FROM gantry_dataset.events), (SELECT count(*) FROM gantry_dataset.events__issue__labels)'
    expect(await query(join(home, 'gantry.duckdb'), count)).toEqual([['200', '66']])
    const replaced = await run('gantry', ['run', input, '--table', 'events', '--write-disposition', 'replace'], home)
    expect(replaced.code, replaced.stderr).toBe(0)
    expect(await query(join(home, 'gantry.duckdb'), count)).toEqual([['100', '33']])
  })
})
