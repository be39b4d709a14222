import { describe, expect, it } from 'vitest'
import { classifyPostgresError, wrapPostgresError } from '../../src/destinations/postgres/postgres-errors.ts'

describe('errors of PostgreSQL', () => {
  it.each([
    ['08006', 'connection'],
    ['57P01', 'connection'],
    ['57P03', 'connection'],
    ['53300', 'connection'],
    ['ECONNREFUSED', 'connection'],
    ['ECONNRESET', 'connection'],
    ['ENOTFOUND', 'connection'],
    ['EAI_AGAIN', 'connection'],
    ['EPIPE', 'connection'],
    ['ETIMEDOUT', 'connection'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'connection'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'connection'],
    ['28P01', 'credentials'],
    ['28000', 'credentials'],
    ['3D000', 'credentials'],
    ['42P01', 'undefinedRelation'],
    ['3F000', 'undefinedRelation'],
    ['55P03', 'locked'],
    ['55006', 'locked'],
    ['53200', 'memory'],
    ['53100', 'diskFull'],
    ['0A000', 'terminal'],
    ['21000', 'terminal'],
    ['22001', 'terminal'],
    ['22P02', 'terminal'],
    ['22021', 'terminal'],
    ['23502', 'terminal'],
    ['23505', 'terminal'],
    ['42501', 'terminal'],
    ['42703', 'terminal'],
    ['42804', 'terminal'],
    ['44000', 'terminal'],
    ['54011', 'terminal'],
    ['40001', 'transient'],
    ['40P01', 'transient'],
    ['42601', 'transient'],
    ['42883', 'transient'],
    ['57014', 'transient'],
    ['25P02', 'transient'],
    ['53400', 'transient'],
    ['58030', 'transient'],
    ['XX000', 'transient'],
    ['P0001', 'transient'],
    ['99999', 'transient'],
    [undefined, 'transient'],
  ])('%s: %s', (code, kind) => {
    expect(classifyPostgresError(code)).toBe(kind)
  })

  it.each([
    ['Connection terminated unexpectedly', 'connection'],
    ['Connection terminated', 'connection'],
    ['timeout expired', 'connection'],
    ['Client has encountered a connection error and is not queryable', 'connection'],
    ['The server does not support SSL connections', 'connection'],
    ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'credentials'],
    ['something else', 'transient'],
  ])('of the driver, without a code: %s: %s', (message, kind) => {
    expect(classifyPostgresError(undefined, message)).toBe(kind)
  })

  it.each([
    ['28P01', 'invalid_credentials', 2],
    ['3D000', 'invalid_credentials', 2],
    ['ECONNREFUSED', 'destination_connection_error', 75],
    ['53100', 'destination_disk_full', 75],
    ['53200', 'destination_out_of_memory', 1],
    ['55P03', 'destination_locked', 75],
    ['42P01', 'database_undefined_relation', 1],
    ['22P02', 'database_terminal_error', 1],
    ['40001', 'database_transient_error', 75],
  ])('%s becomes %s, exit code %i', (code, ours, exitCode) => {
    const cause = Object.assign(new Error('what happened'), { code })
    const error = wrapPostgresError(cause, { doing: 'loading', place: 'db.example:5432' })
    expect(error).toMatchObject({ code: ours, exitCode, cause })
    expect(error.message).toContain('what happened')
  })

  it('tells all that the server said', () => {
    const cause = Object.assign(new Error('invalid input syntax for type bigint: "x"'), {
      code: '22P02',
      where: 'COPY t, line 2, column id: "x"',
    })
    expect(wrapPostgresError(cause, { doing: 'loading a file', place: 'db.example:5432' }).message).toBe(
      'PostgreSQL failed while loading a file: invalid input syntax for type bigint: "x". (COPY t, line 2, column id: "x")',
    )
  })

  it('takes the first of the errors that a name with several addresses gives', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED ::1:5432'), { code: 'ECONNREFUSED' })
    const error = wrapPostgresError(new AggregateError([refused, new Error('b')]), {
      doing: 'connecting',
      place: 'h:1',
    })
    expect(error.message).toContain('connect ECONNREFUSED ::1:5432')
    expect(error).toMatchObject({ code: 'destination_connection_error' })
  })
})
