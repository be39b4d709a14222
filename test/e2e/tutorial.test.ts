import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { query } from '../support/duckdb.mjs'
import { root, run, runNode, testFolder } from '../support/gantry.mjs'
import { startGithubReplay, type GithubReplay, type ReplayIssue } from '../support/github-replay.mjs'

/*
 * The steps of examples/tutorial, as a reader runs them: started by Node, and by `gantry run`. Counts are those of the data
 * that the API has at that time.
 */

const jiti = join(root, 'node_modules/jiti/lib/jiti-register.mjs')
const hasTypeScript = Boolean((process.features as { typescript?: unknown }).typescript)

let home: string
let github: GithubReplay
beforeEach(async () => {
  home = await testFolder('tutorial')
  github = await startGithubReplay({ maxPerPage: 5 })
})
afterEach(() => github.stop())

const ways = ['node', 'gantry run'] as const

async function start(way: (typeof ways)[number], step: string, env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await tryStart(way, step, env)
  expect(code, stderr).toBe(0)
  return stdout
}

function tryStart(
  way: (typeof ways)[number],
  step: string,
  env: Record<string, string> = {},
): ReturnType<typeof runNode> {
  const file = join(root, 'examples/tutorial', `${step}.ts`)
  const options = { env: { GITHUB_API_URL: github.url, ...env } }
  if (way === 'gantry run') return run('gantry', ['run', file], home, options)
  return runNode([...(hasTypeScript ? [] : ['--import', jiti]), file], home, options)
}

async function count(pipelineName: string, table: string): Promise<number> {
  const [[found] = []] = await query(join(home, `${pipelineName}.duckdb`), `SELECT count(*) FROM ${table}`)
  return Number(found)
}

/** What the API lists: open issues. */
function open(): readonly ReplayIssue[] {
  return github.issues().filter(({ state }) => state === 'open')
}

function labels(): number {
  return open().reduce((sum, issue) => sum + (issue['labels'] as unknown[]).length, 0)
}

const later = { created_at: '2024-10-11T00:00:00Z', updated_at: '2024-10-11T00:00:00Z', state: 'open' }
const newIssue = { ...later, number: 9001, id: 9_900_001, title: 'A new issue' }

it('docs/tutorial.md shows the programs as they are', async () => {
  const page = await readFile(join(root, 'docs/tutorial.md'), 'utf8')
  const shown = [...page.matchAll(/^`([\w-]+\.ts)`\n\n```ts\n(.*?)^```/gms)]
  const files = await readdir(join(root, 'examples/tutorial'))
  expect(shown.map(([, name]) => name)).toEqual(files.toSorted())
  for (const [, name, text] of shown) {
    expect(text).toBe(await readFile(join(root, 'examples/tutorial', name as string), 'utf8'))
  }
})

describe.each(ways)('the tutorial by %s', (way) => {
  it('1, a list: a table with its rows, and again with each run', async () => {
    const output = await start(way, '01-quick-start')
    expect(output).toContain('Pipeline quick_start')
    expect(await count('quick_start', 'mydata.users')).toBe(2)
    await start(way, '01-quick-start')
    expect(await count('quick_start', 'mydata.users')).toBe(4)
  })

  it('2, an answer of an API: rows, and lists in them as tables; doubled by a second run', async () => {
    await start(way, '02-api-response')
    // Without pages: the first one.
    expect(await count('github_issues', 'github_data.issues')).toBe(5)
    await start(way, '02-api-response')
    expect(await count('github_issues', 'github_data.issues')).toBe(10)
  })

  it('3, replace: what the API has now', async () => {
    await start(way, '03-replace')
    await start(way, '03-replace')
    expect(await count('github_issues_replace', 'github_data_replace.issues')).toBe(5)
  })

  it('4, what was created since the last run: the walk ends at the first old issue', async () => {
    await start(way, '04-incremental-append')
    expect(await count('github_issues_incremental', 'github_data_append.issues')).toBe(open().length)
    const asked = github.requests.length
    await start(way, '04-incremental-append')
    expect(github.requests.length - asked).toBe(1)
    expect(await count('github_issues_incremental', 'github_data_append.issues')).toBe(open().length)
    github.putIssue(newIssue)
    await start(way, '04-incremental-append')
    expect(await count('github_issues_incremental', 'github_data_append.issues')).toBe(open().length)
  })

  it.each([
    ['05-merge', 'github_issues_merge', 'github_data_merge'],
    ['06-paginate', 'github_issues_pages', 'github_data_pages'],
  ])(
    '5 and 6, %s: changed issues in place of their older rows, and what is below them',
    async (step, name, dataset) => {
      await start(way, step)
      expect(await count(name, `${dataset}.issues`)).toBe(open().length)
      expect(await count(name, `${dataset}.issues__labels`)).toBe(labels())
      const [changed] = open()
      github.putIssue({ number: (changed as ReplayIssue).number, title: 'Changed', updated_at: later.updated_at })
      github.putIssue(newIssue)
      await start(way, step)
      expect(await count(name, `${dataset}.issues`)).toBe(open().length)
      expect(await count(name, `${dataset}.issues__labels`)).toBe(labels())
      expect(await count(name, `${dataset}.issues WHERE title = 'Changed'`)).toBe(1)
      expect(github.requests.at(-1)).toContain('since=2024-10-10')
    },
  )

  it('7, a source: two resources in one schema', async () => {
    for (let turn = 0; turn < 2; turn++) {
      await start(way, '07-source')
      expect(await count('github_with_source', 'github_data_source.issues')).toBe(open().length)
      expect(await count('github_with_source', 'github_data_source.events')).toBe(github.events().length)
    }
  })

  it('8, resources made in a loop', async () => {
    for (let turn = 0; turn < 2; turn++) {
      await start(way, '08-dynamic-resources')
      expect(await count('github_dynamic_source', 'github_data_dynamic.issues')).toBe(open().length)
      expect(await count('github_dynamic_source', 'github_data_dynamic.events')).toBe(github.events().length)
    }
  })

  it('9, a source with a secret and a setting: from files, and missing with advice', async () => {
    await github.stop()
    github = await startGithubReplay({ maxPerPage: 50, token: 't0ken-of-the-reader' })
    const missing = await tryStart(way, '09-configurable-source')
    expect(missing.code).not.toBe(0)
    expect(missing.stderr).toContain('lacks access_token, repo_name')
    expect(missing.stderr).toContain('SOURCES__GITHUB__ACCESS_TOKEN')

    await mkdir(join(home, '.dlt'))
    await writeFile(join(home, '.dlt/config.toml'), '[sources.github]\nrepo_name = "dlt"\n')
    await writeFile(join(home, '.dlt/secrets.toml'), '[sources.github]\naccess_token = "t0ken-of-the-reader"\n')
    const wrong = await tryStart(way, '09-configurable-source', { SOURCES__GITHUB__ACCESS_TOKEN: 'wrong-token' })
    expect(wrong.code).not.toBe(0)
    expect(wrong.stderr).toContain('401')
    expect(wrong.stderr).not.toContain('wrong-token')

    await start(way, '09-configurable-source')
    expect(await count('github_configurable_source', 'github_data_configurable.issues')).toBe(open().length)
    expect(await count('github_configurable_source', 'github_data_configurable.events')).toBe(github.events().length)
  })
})

it('a server that is slow, breaks off, resets and refuses by turns loses nothing', async () => {
  await github.stop()
  const faults = ['slow', 'broken', 'reset', 429, 500] as const
  github = await startGithubReplay({
    maxPerPage: 5,
    fault: (request) => (request % 3 === 0 ? faults[(request / 3) % faults.length] : undefined),
  })
  const env = { RUNTIME__REQUEST_BACKOFF_FACTOR: '0.01' }
  await start('node', '08-dynamic-resources', env)
  expect(await count('github_dynamic_source', 'github_data_dynamic.issues')).toBe(open().length)
  expect(await count('github_dynamic_source', 'github_data_dynamic.events')).toBe(github.events().length)
})
