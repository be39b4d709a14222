import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { openLog } from '../src/log.ts'

/** What a process writes to standard error that has opened a log and runs this code. */
function said(code: string, level: string): string[] {
  const program = `
    import { openLog } from '${import.meta.resolve('@gantry/common')}'
    const log = openLog('extract', 'json')
    ${code}`
  const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    env: { ...process.env, LOG_LEVEL: level },
  })
  expect(status, stderr).toBe(0)
  return stderr.split('\n').filter((line) => line !== '')
}

describe('the log', () => {
  it('is a line of JSON on standard error, with stage, level, details and message', () => {
    const lines = said(`log.warn({ table: 'orders' }, 'empty'); log.error('lost')`, 'info')
    const parsed = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(parsed).toMatchObject([
      { level: 40, stage: 'extract', table: 'orders', msg: 'empty' },
      { level: 50, stage: 'extract', msg: 'lost' },
    ])
  })

  it('blanks secrets at any of the first levels', () => {
    const [line] = said(`log.info({ password: 'pw1', a: { token: 'pw2', b: { secret: 'pw3' } } }, 'connected')`, 'info')
    expect(line).not.toMatch(/pw\d/)
    expect(line).toContain('***')
  })

  it('blanks values that are known to be secret, wherever they stand', () => {
    const [line] = said(
      `process.env.SHOP_API_KEY = 'k-123456'; log.info({ reason: 'k-123456 was refused' }, 'k-123456?')`,
      'info',
    )
    expect(JSON.parse(line as string)).toMatchObject({ reason: '*** was refused', msg: '***?' })
  })

  it('keeps what is below its level to itself', () => {
    const lines = said(`log.trace('a'); log.debug('b'); log.info('c'); log.warn('d')`, 'debug')
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['b', 'c', 'd'])
    expect(said(`log.error('a')`, 'silent')).toEqual([])
  })

  it('refuses a level that does not exist, and names those that do', () => {
    expect(() => openLog('extract', 'json', 'loud')).toThrow(
      'LOG_LEVEL takes trace, debug, info, warn, error, fatal, silent, not "loud".',
    )
  })
})
