import { type } from 'arktype'
import { toStandardJsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'
import { z } from 'zod'
import { pipeline, resource, source } from 'gantry'

/*
 * What the compiler says to rows and hints. Nothing here runs: `npm run typecheck` fails where a line that must not
 * compile does, and where one that must does not.
 */

const p = pipeline()

const Event = z.object({ id: z.int(), at: z.date(), note: z.string().optional(), tags: z.array(z.string()) })
const row = { id: 1, at: new Date(), tags: [] }

// Rows, pages of rows, generators: all have the type that the schema takes.
void p.run([row], { tableName: 'events', columns: Event })
void p.run([[row], row], { tableName: 'events', columns: Event })
void p.extract(
  (async function* () {
    yield { ...row, note: 'x' }
    yield [row]
  })(),
  { tableName: 'events', columns: Event, primaryKey: 'id' },
)
// @ts-expect-error a text is no integer
void p.run([{ ...row, id: '1' }], { tableName: 'events', columns: Event })
// @ts-expect-error a field is missing
void p.run([{ id: 1, at: new Date() }], { tableName: 'events', columns: Event })
// @ts-expect-error the same for extract
void p.extract([{ id: 1 }], { tableName: 'events', columns: Event })

// Rows are typed by what goes into the schema, not by what comes out of it.
const Coerced = z.object({ id: z.string().transform(Number), size: z.number().default(0) })
void p.run([{ id: '1' }], { tableName: 'sizes', columns: Coerced })
// @ts-expect-error the number is what comes out
void p.run([{ id: 1 }], { tableName: 'sizes', columns: Coerced })

// Other libraries with the same interface.
const OfValibot = toStandardJsonSchema(v.object({ id: v.number() }))
void p.run([{ id: 1 }], { tableName: 'ids', columns: OfValibot })
// @ts-expect-error a text is no number
void p.run([{ id: 'x' }], { tableName: 'ids', columns: OfValibot })
const OfArkType = type({ id: 'number' })
void p.run([{ id: 1 }], { tableName: 'ids', columns: OfArkType })
// @ts-expect-error a text is no number
void p.run([{ id: 'x' }], { tableName: 'ids', columns: OfArkType })

// Without a schema rows can be anything, and hints are checked.
void p.run([{ anything: 1 }, 2], {
  tableName: (event) => String(event['kind']),
  columns: { price: { dataType: 'decimal', precision: 10, scale: 2, 'x-unit': 'EUR' } },
  schemaContract: { dataType: 'freeze' },
  nestedHints: { items: { primaryKey: ['order', 'line'], columns: [{ name: 'line', nullable: false }] } },
})
void p.run([], { tableName: (event: { kind: string }) => event.kind })
// @ts-expect-error no such hint
void p.run([], { tableName: 't', columns: { price: { data_type: 'decimal' } } })
// @ts-expect-error no such type
void p.run([], { tableName: 't', columns: { price: { dataType: 'money' } } })
// @ts-expect-error no such mode
void p.run([], { tableName: 't', schemaContract: 'refuse' })

// Resources are typed by their schema, as rows of a run are; functions and promises as well.
void p.run([
  resource({ name: 'events', columns: Event }, [row]),
  resource({ name: 'pages', columns: Event }, async function* () {
    yield [row]
  }),
  resource({ name: 'anything', primaryKey: 'id' }, () => Promise.resolve([{ id: 1 }, 'text'])),
])
void p.run(() => [row], { tableName: 'events', columns: Event })
// @ts-expect-error a text is no integer
resource({ name: 'events', columns: Event }, [{ ...row, id: '1' }])
// @ts-expect-error the same in a function
resource({ name: 'events', columns: Event }, () => [{ ...row, id: '1' }])
// @ts-expect-error a resource has a name
resource({ columns: {} }, [])
// @ts-expect-error a single object is no set of rows
resource({ name: 'one' }, { id: 1 })
void p.run(source({ name: 'shop', rootKey: true }, () => [resource({ name: 'a' }, [])]).withResources('a'))
// @ts-expect-error sources are built of resources
source({ name: 'shop' }, () => [{ id: 1 }])
// @ts-expect-error no such option
source({ name: 'shop', maxNesting: 1 }, () => [])

// A hint may be a function of the row, of a narrower one, too; what it gives is a hint.
type Event = { readonly kind: 'a' | 'b' }
const rows: Event[] = []
resource(
  {
    name: 'events',
    tableName: ({ kind }: Event) => kind,
    primaryKey: ({ kind }: Event) => (kind === 'a' ? 'id' : ['id', 'at']),
    columns: () => ({ id: { dataType: 'text' } }),
    writeDisposition: () => 'merge',
  },
  rows,
)
// @ts-expect-error there is no such disposition
resource({ name: 'events', tableName: () => 'x', writeDisposition: () => 'upsert' }, rows)
// @ts-expect-error the contract of a run is one for all rows
void p.run(rows, { tableName: () => 'x', schemaContract: () => 'freeze' })
