import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { type } from 'arktype'
import { describe, expect, it } from 'vitest'
import * as v from 'valibot'
import { z } from 'zod'
import { double } from '@gantry/common'
import { RowCheck, rowCheckOf } from '../../src/hints/row-check.ts'
import { columnsOfSchema, isRowSchema, type RowSchema } from '../../src/hints/row-schema.ts'

/** `name: type`, with `?` where the column is nullable. */
function columns(schema: RowSchema): string[] {
  return [...(columnsOfSchema(schema, 'table "t"')?.values() ?? [])].map(
    (column) => `${column.name}: ${column.data_type}${column.nullable === true ? '?' : ''}`,
  )
}

describe('a zod object gives columns their types', () => {
  it('of what its fields hold once they are checked', () => {
    const schema = z.object({
      text: z.string(),
      int: z.int(),
      number: z.number(),
      flag: z.boolean(),
      date: z.date(),
      big: z.bigint(),
      bytes: z.instanceof(Uint8Array),
      choice: z.enum(['a', 'b']),
      literal: z.literal(1.5),
      isoDateTime: z.iso.datetime(),
      isoDate: z.iso.date(),
      isoTime: z.iso.time(),
      coerced: z.string().pipe(z.coerce.date()),
      read: z.stringbool(),
    })
    expect(columns(schema)).toEqual([
      'text: text',
      'int: bigint',
      'number: double',
      'flag: bool',
      'date: timestamp',
      'big: bigint',
      'bytes: binary',
      'choice: text',
      'literal: double',
      'isoDateTime: timestamp',
      'isoDate: date',
      'isoTime: time',
      'coerced: timestamp',
      'read: bool',
    ])
  })

  it('nullable where a field may be absent or null; a default makes it present', () => {
    const schema = z.object({
      optional: z.string().optional(),
      nullable: z.int().nullable(),
      nullish: z.date().nullish(),
      default: z.number().default(1),
    })
    expect(columns(schema)).toEqual(['optional: text?', 'nullable: bigint?', 'nullish: timestamp?', 'default: double'])
  })

  it('and leaves to the data what is nested, of several types, or unknown', () => {
    const schema = z.object({
      id: z.int(),
      object: z.object({ a: z.string() }),
      list: z.array(z.string()),
      several: z.union([z.string(), z.number()]),
      any: z.any(),
      transformed: z.string().transform((text) => text.length),
    })
    expect(columns(schema)).toEqual(['id: bigint'])
  })

  it('and is refused where it is not one of an object', () => {
    expect(() => columns(z.string())).toThrow('The zod schema in "columns" of table "t" is not one of an object')
  })
})

describe('other libraries with the Standard Schema interface', () => {
  it('valibot, through its JSON Schema', () => {
    const schema = v.object({
      id: v.pipe(v.number(), v.integer()),
      at: v.date(),
      note: v.optional(v.string()),
      big: v.bigint(),
      bytes: v.instance(Uint8Array),
      flag: v.nullable(v.boolean()),
      choice: v.picklist(['a', 'b']),
    })
    expect(columns(toStandardJsonSchema(schema))).toEqual([
      'id: bigint',
      'at: timestamp',
      'note: text?',
      'big: bigint',
      'bytes: binary',
      'flag: bool?',
      'choice: text',
    ])
    // Without its JSON Schema, it still checks rows.
    expect(isRowSchema(schema)).toBe(true)
    expect(columnsOfSchema(schema, 'table "t"')).toBeUndefined()
  })

  it('ArkType, whose schemas are functions', () => {
    const schema = type({ id: 'number.integer', at: 'Date', 'note?': 'string', big: 'bigint', choice: "'a' | 'b'" })
    expect(isRowSchema(schema)).toBe(true)
    expect(columns(schema).toSorted()).toEqual([
      'at: timestamp',
      'big: bigint',
      'choice: text',
      'id: bigint',
      'note: text?',
    ])
  })

  it('one that fails to describe itself says so, and what to do', () => {
    const failing: RowSchema = {
      '~standard': {
        version: 1,
        vendor: 'mine',
        validate: (value) => ({ value }),
        jsonSchema: {
          output: () => {
            throw new Error('no form for moons.')
          },
        },
      },
    }
    expect(() => columns(failing)).toThrow(
      'The mine schema in "columns" of table "t" cannot be described as JSON Schema: no form for moons. Declare the columns as a map instead.',
    )
  })
})

describe('rows are checked by the schema', () => {
  const schema = z.object({ id: z.int(), size: z.number().default(0), nested: z.object({ a: z.string() }).optional() })

  it('and written as it makes them', () => {
    const check = new RowCheck(schema, 'freeze', 'events')
    expect(check.check({ id: 1, unknown: true })).toEqual({ id: 1, size: 0 })
  })

  it('refused with number, place and reason', () => {
    const check = new RowCheck(schema, 'freeze', 'events')
    check.check({ id: 1 })
    expect(() => check.check({ id: 2, nested: { a: 5 } })).toThrow(
      expect.objectContaining({
        code: 'data_validation_error',
        message: expect.stringMatching(
          /^Row 2 for events does not fit the schema of its columns: "nested\.a": .*string/,
        ),
        details: { table: 'events', column: 'nested', entity: 'data_type', mode: 'freeze' },
      }),
    )
    expect(() => check.check(5)).toThrow(/^Row 3 for events .*: Invalid input: expected object/)
  })

  it('left out and counted, or let through, as the contract for data types says', () => {
    const discarding = rowCheckOf({ columns: schema, schemaContract: { dataType: 'discard_row' } }, 'events')
    expect(discarding?.check({ id: 'x' })).toBeUndefined()
    expect(discarding?.discarded).toBe(1)
    const evolving = rowCheckOf({ columns: schema, schemaContract: 'evolve' }, 'events')
    expect(evolving?.check({ id: 'x' })).toEqual({ id: 'x' })
    const unset = rowCheckOf({ columns: schema, schemaContract: { columns: 'evolve' } }, 'events')
    expect(() => unset?.check({ id: 'x' })).toThrow('Row 1 for events')
    expect(() => rowCheckOf({ columns: schema, schemaContract: 'discard_value' }, 'events')).toThrow('discard_row')
    expect(rowCheckOf({ columns: { id: {} } }, 'events')).toBeUndefined()
  })

  it('with plain numbers where JSON had 1.0', async () => {
    const sized = z.object({ id: z.int(), sizes: z.array(z.object({ cm: z.number() })) })
    const row: Record<string, unknown> = { id: 1, sizes: [{ cm: double(2) }, { cm: 2.5 }] }
    expect(await new RowCheck(sized, 'freeze', '"t"').check(row)).toEqual({ id: 1, sizes: [{ cm: 2 }, { cm: 2.5 }] })
    row['self'] = row
    expect(await new RowCheck(sized, 'evolve', '"t"').check({ ...row, id: 'x' })).toMatchObject({
      sizes: [{ cm: double(2) }, { cm: 2.5 }],
    })
  })

  it('by a schema that takes its time, too', async () => {
    const slow = z.object({ id: z.int() }).refine(({ id }) => Promise.resolve(id > 0), 'must be positive')
    const check = new RowCheck(slow, 'freeze', 'events')
    expect(await check.check({ id: 1 })).toEqual({ id: 1 })
    await expect(check.check({ id: 0 }) as Promise<unknown>).rejects.toThrow('must be positive')
  })
})
