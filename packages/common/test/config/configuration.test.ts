import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { environmentProvider } from '../../src/config/environment-provider.ts'
import {
  config,
  ConfigFieldMissing,
  Configuration,
  documentProvider,
  lookupPaths,
  resolveConfig,
  Secret,
  secrets,
  ValueNotSecret,
  withoutSecrets,
  type ConfigSpec,
  type LookupPlace,
} from '../../src/index.ts'

const project = { DLT_PROJECT_DIR: '', XDG_DATA_HOME: '' }
let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gantry-config-'))
  project.DLT_PROJECT_DIR = join(home, 'project')
  mkdirSync(join(home, 'project', '.dlt'), { recursive: true })
})
afterEach(() => vi.unstubAllEnvs())

function write(name: 'secrets.toml' | 'config.toml', text: string): void {
  writeFileSync(join(project.DLT_PROJECT_DIR, '.dlt', name), text)
}

function open(env: Record<string, string> = {}, rest: Parameters<typeof Configuration.open>[0] = {}): Configuration {
  return Configuration.open({ env: { ...project, ...env }, ...rest })
}

describe('a setting is looked for', () => {
  // dlt 1.26.0, `resolve_configuration` with a provider that records what it is asked.
  const cases: readonly [LookupPlace, readonly string[]][] = [
    [{ sections: ['sources', 'notion', 'notion'] }, ['sources.notion.notion', 'sources.notion', 'sources', '']],
    [
      { sections: ['sources', 'chess_com', 'chess'] },
      ['sources.chess_com.chess', 'sources.chess_com', 'sources.chess', 'sources', ''],
    ],
    [
      { sections: ['sources', 'chess_com', 'chess'], embedded: ['credentials'] },
      [
        'sources.chess_com.chess.credentials',
        'sources.chess_com.credentials',
        'sources.chess.credentials',
        'sources.credentials',
        'credentials',
      ],
    ],
    [
      { sections: ['sources', 'chess'], embedded: ['api_config', 'retry'] },
      ['sources.chess.api_config.retry', 'sources.chess.retry', 'sources.retry', 'retry'],
    ],
    [
      { sections: ['destination', 'bigquery'], embedded: ['credentials'] },
      ['destination.bigquery.credentials', 'destination.credentials', 'credentials'],
    ],
    [
      { sections: ['sources', 'chess_com', 'chess'], own: 'extract' },
      [
        'sources.chess_com.chess.extract',
        'sources.chess_com.extract',
        'sources.chess.extract',
        'sources.extract',
        'extract',
      ],
    ],
  ]
  it.each(cases)('%j', (place, paths) => {
    expect(lookupPaths(place).map((path) => path.join('.'))).toEqual(paths)
  })

  it('in code, the environment, secrets.toml, config.toml and providers of the user, in this order', () => {
    const paths = [['load'], []]
    const value = (configuration: Configuration): unknown => configuration.find('workers', paths)?.value
    const vault = documentProvider('vault', { load: { workers: 5 } })
    expect(value(open({}, { providers: [vault] }))).toBe(5)
    write('config.toml', 'load.workers = 4')
    expect(value(open({}, { providers: [vault] }))).toBe(4)
    write('secrets.toml', '[load]\nworkers = 3')
    expect(value(open())).toBe(3)
    expect(value(open({ WORKERS: '2' }))).toBe('2')
    expect(value(open({ WORKERS: '2' }, { settings: { 'load.workers': 1 } }))).toBe(1)
    expect(value(open({ WORKERS: '2' }, { settings: { load: { workers: 1 } } }))).toBe(1)
  })

  it('under the name of the pipeline first, in all providers', () => {
    write('config.toml', 'workers = 4\n[shop.load]\nworkers = 5')
    expect(
      open({ LOAD__WORKERS: '2' })
        .forPipeline('shop')
        .find('workers', [['load']]),
    ).toEqual({
      value: 5,
      provider: 'config.toml',
      key: 'shop.load.workers',
    })
    expect(
      open({ LOAD__WORKERS: '2' })
        .forPipeline('other')
        .find('workers', [['load']])?.key,
    ).toBe('LOAD__WORKERS')
  })

  it('in the files of the project, over those of the home folder, key by key', () => {
    const shared = join(home, 'data', 'dlt')
    mkdirSync(shared, { recursive: true })
    writeFileSync(join(shared, 'config.toml'), '[load]\nworkers = 1\ndelete_completed_jobs = true')
    write('config.toml', '[load]\nworkers = 2')
    vi.spyOn(process, 'getuid').mockReturnValue(1000)
    vi.stubEnv('HOME', home)
    const configuration = open({ XDG_DATA_HOME: join(home, 'data') })
    expect(configuration.find('workers', [['load']])?.value).toBe(2)
    expect(configuration.find('delete_completed_jobs', [['load']])?.value).toBe(true)
    vi.restoreAllMocks()
  })

  it('and a file that is no TOML is refused with its place, without what stands there', () => {
    write('secrets.toml', 'a = 1\npassword = "hunter2222\n')
    expect(() => open()).toThrow(/secrets\.toml, line 2, column \d+ is no TOML/)
    expect(() => open()).not.toThrow(/hunter2222/)
  })
})

describe('a secret', () => {
  it('must not stand in config.toml', () => {
    write('config.toml', '[sources]\ntoken = "tok-a-1234"')
    expect(() => open().find('token', [['sources']], true)).toThrow(ValueNotSecret)
    expect(() => open().find('token', [['sources']], true)).not.toThrow('tok-a-1234')
  })

  it('prints as ***, and is blanked in other texts', () => {
    const secret = new Secret('s3cr3t-value')
    expect([String(secret), JSON.stringify({ secret })]).toEqual(['***', '{"secret":"***"}'])
    expect(inspect(secret)).not.toContain('s3cr3t')
    expect(secret.reveal()).toBe('s3cr3t-value')
    expect(withoutSecrets('the server said: s3cr3t-value is wrong')).toBe('the server said: *** is wrong')
  })

  it('may be mounted as a file, or as a folder with a file of its name', () => {
    const folder = join(home, 'run', 'secrets')
    mkdirSync(join(folder, 'sources--b'), { recursive: true })
    writeFileSync(join(folder, 'sources--a'), 'mounted-1\n')
    writeFileSync(join(folder, 'sources--b', 'sources--b'), 'mounted-2')
    const configuration = new Configuration([environmentProvider({ SOURCES__A: 'from the variable' }, folder)])
    expect(configuration.find('a', [['sources']], true)?.value).toBe('mounted-1')
    expect(configuration.find('b', [['sources']], true)?.value).toBe('mounted-2')
    expect(configuration.find('a', [['sources']])?.value).toBe('from the variable')
  })

  it('that was found is blanked in other texts', () => {
    write('secrets.toml', '[sources]\nkey = "tok-b-5678"\n[destination]\ncredentials = "postgres://a:p%40ssw0rd@h/d"')
    const configuration = open()
    configuration.find('key', [['sources']], true)
    configuration.find('credentials', [['destination']], true)
    expect(withoutSecrets('tok-b-5678 and p@ssw0rd and p%40ssw0rd')).toBe('*** and *** and ***')
  })
})

describe('a declared configuration', () => {
  const resolve = <Spec extends ConfigSpec>(spec: Spec, configuration: Configuration): unknown =>
    resolveConfig(spec, { sections: ['sources', 'github', 'issues'] }, 'Resource "issues"', configuration)

  it('is found under snake_case names, as the types that are asked for', () => {
    write('secrets.toml', '[sources.github]\naccess_token = "tok-c-9012"\nsince = 2024-01-02')
    const env = {
      SOURCES__PER_PAGE: '50',
      SOURCES__GITHUB__ISSUES__IS_OPEN: 'yes',
      LABELS: '["a","b"]',
      BIG: '9007199254740993',
    }
    const spec = {
      accessToken: secrets.value(),
      perPage: config.value({ type: 'number' }),
      isOpen: config.value({ type: 'boolean' }),
      labels: config.value({ type: 'json' }),
      since: config.value({ type: 'date' }),
      big: config.value({ type: 'bigint' }),
      state: config.value({ optional: true }),
      pages: config.value({ type: 'number', default: 3 }),
      sort: 'updated',
    }
    expect(resolve(spec, open(env))).toEqual({
      accessToken: 'tok-c-9012',
      perPage: 50,
      isOpen: true,
      labels: ['a', 'b'],
      since: new Date('2024-01-02T00:00:00Z'),
      big: 9007199254740993n,
      state: undefined,
      pages: 3,
      sort: 'updated',
    })
    expect(resolve({ sort: 'updated', pages: 1 }, open({ SORT: 'created', PAGES: '7' }))).toEqual({
      sort: 'created',
      pages: 7,
    })
  })

  it('names all that is missing, every key that was tried and where to put it', () => {
    write('config.toml', '')
    const spec = { accessToken: secrets.value(), repoName: config.value() }
    const configuration = open().forPipeline('shop')
    let error: unknown
    try {
      resolve(spec, configuration)
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(ConfigFieldMissing)
    const { message, exitCode } = error as ConfigFieldMissing
    expect(exitCode).toBe(2)
    const folder = join(project.DLT_PROJECT_DIR, '.dlt')
    for (const text of [
      'Resource "issues" lacks access_token, repo_name. Set SOURCES__GITHUB__ISSUES__ACCESS_TOKEN in the environment',
      `or write [sources.github.issues] access_token = … in ${join(folder, 'secrets.toml')}`,
      'environment: SHOP__SOURCES__GITHUB__ISSUES__ACCESS_TOKEN, SHOP__SOURCES__GITHUB__ACCESS_TOKEN, SHOP__SOURCES__ISSUES__ACCESS_TOKEN',
      'config.toml: sources.github.issues.repo_name, sources.github.repo_name, sources.issues.repo_name, sources.repo_name, repo_name',
      `config.toml was read from ${join(folder, 'config.toml')}`,
      `secrets.toml is not there: ${join(folder, 'secrets.toml')}`,
    ]) {
      expect(message).toContain(text)
    }
  })

  it.each([
    ['PER_PAGE', 'many', 'number', 'PER_PAGE (environment) takes a number, not "many"'],
    ['IS_OPEN', 'perhaps', 'boolean', 'IS_OPEN (environment) takes true or false'],
    ['LABELS', '[a', 'json', 'LABELS (environment) takes JSON'],
    ['SINCE', 'yesterday', 'date', 'SINCE (environment) takes a date in ISO 8601'],
  ] as const)('refuses %s=%s', (variable, text, type, message) => {
    const name = { PER_PAGE: 'perPage', IS_OPEN: 'isOpen', LABELS: 'labels', SINCE: 'since' }[variable]
    expect(() => resolve({ [name]: config.value({ type }) }, open({ [variable]: text }))).toThrow(message)
  })

  it('can be asked for by a dotted name', () => {
    vi.stubEnv('DLT_PROJECT_DIR', project.DLT_PROJECT_DIR)
    write('config.toml', '[a]\nb = [1, 2]')
    vi.stubEnv('A__C', '12')
    expect(config.get('a.b')).toEqual([1, 2])
    expect(config.get('a.c')).toBe(12)
    expect(config.get('a.c', 'string')).toBe('12')
    expect(config.get('a.d')).toBeUndefined()
    expect(() => secrets.get('a.b')).toThrow(ValueNotSecret)
  })
})
