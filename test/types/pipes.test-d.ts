import { z } from 'zod'
import { config, incremental, pipeline, resource, secrets, source, transformer, withTableName } from 'gantry'
import type { Resource, Transformer } from 'gantry'

/*
 * Types flow from generators to steps, transformers and configuration, without a cast. Nothing here runs: `npm run
 * typecheck` fails where a line that must not compile does, and where one that must does not.
 */

const p = pipeline()

/** Compiles where both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function check<_ extends true>(): void {}
type RowsOf<Of> = Of extends Resource<infer Row> ? Row : never

interface User {
  readonly id: number
  readonly name: string
}
declare function fetchUsers(page: number): Promise<User[]>

// Rows are what is yielded: by itself, in pages, deferred, promised, nested, with a table's name, or null.
const users = resource({ name: 'users', primaryKey: 'id' }, async function* () {
  yield await fetchUsers(1)
  yield { id: 1, name: 'Ada' }
})
check<Same<RowsOf<typeof users>, User | { id: number; name: string }>>()
const deferred = resource({ name: 'deferred' }, function* () {
  for (let page = 1; page < 3; page++) yield () => fetchUsers(page)
  yield fetchUsers(3)
  yield null
})
check<Same<RowsOf<typeof deferred>, User>>()
const nested = resource({ name: 'nested' }, function* () {
  yield (function* () {
    yield 1
  })()
  yield withTableName(['text'], 'texts')
})
check<Same<RowsOf<typeof nested>, string | number>>()
const listed = resource({ name: 'listed' }, () => Promise.resolve([{ id: 1 }]))
check<Same<RowsOf<typeof listed>, { id: number }>>()

// Steps get rows and change their type.
const names = users.map(({ name }) => name).filter((name) => name.length > 1)
check<Same<RowsOf<typeof names>, string>>()
check<Same<RowsOf<ReturnType<typeof later>>, number>>()
function later() {
  return users.map(async ({ id }) => (id > 1 ? id : null))
}
const kept = nested.filter((row) => typeof row === 'string')
check<Same<RowsOf<typeof kept>, string>>()
const letters = users.yieldMap(function* ({ name }) {
  yield [...name]
})
check<Same<RowsOf<typeof letters>, string>>()
check<Same<RowsOf<typeof limited>, User>>()
const limited = deferred.limit(3, { maxTime: 1, countRows: true })
// @ts-expect-error a user has no age
users.map(({ age }) => age)
// @ts-expect-error a condition is true or false
users.filter(({ name }) => name)

// Transformers get pages of the rows of their parent.
const orders = transformer({ name: 'orders', dataFrom: users }, async function* (page) {
  for (const { id } of page) yield { user: id, total: 1.5 }
})
check<Same<RowsOf<typeof orders>, { user: number; total: number }>>()
const totals = transformer({ name: 'totals', dataFrom: orders }, (page) => page.map(({ total }) => total))
check<Same<RowsOf<typeof totals>, number>>()
const greetings = transformer({ name: 'greetings' }, (page: readonly { name: string }[]) =>
  page.map(({ name }) => `Hello ${name}`),
)
check<Same<typeof greetings, Transformer<{ name: string }, string>>>()
const greeted = users.pipe(greetings.map((text) => ({ text })))
check<Same<RowsOf<typeof greeted>, { text: string }>>()
// @ts-expect-error orders have no names
orders.pipe(greetings)
// @ts-expect-error an order has no price
transformer({ name: 'wrong', dataFrom: orders }, (page) => page.map(({ price }) => price))
// @ts-expect-error a single object is no set of rows
transformer({ name: 'single', dataFrom: orders }, () => ({ id: 1 }))
void p.run([users, orders, greeted])
// @ts-expect-error a source is built of resources; a transformer is bound to one first
source({ name: 's' }, () => [greetings])

// A schema types the rows of transformers too, and deferred ones.
const Order = z.object({ id: z.int() })
transformer({ name: 'checked', dataFrom: users, columns: Order }, (page) => page.map(({ id }) => ({ id })))
resource({ name: 'checked', columns: Order }, function* () {
  yield () => Promise.resolve([{ id: 1 }])
})
// @ts-expect-error a text is no integer
transformer({ name: 'checked', dataFrom: users, columns: Order }, (page) => page.map(({ name }) => ({ id: name })))
// @ts-expect-error the same in what is deferred
resource({ name: 'checked', columns: Order }, function* () {
  yield () => Promise.resolve([{ id: 'x' }])
})

// The configuration arrives as it is declared, beside the cursor.
resource(
  {
    name: 'configured',
    incremental: incremental('at', { initialValue: new Date(0) }),
    config: {
      accessToken: secrets.value(),
      since: config.value({ type: 'date', optional: true }),
      perPage: 100,
      state: config.value<'open' | 'closed'>(),
    },
  },
  ({ config: values, cursor }) => {
    check<
      Same<
        typeof values,
        {
          readonly accessToken: string
          readonly since: Date | undefined
          readonly perPage: number
          readonly state: 'open' | 'closed'
        }
      >
    >()
    check<Same<typeof cursor.lastValue, Date>>()
    // @ts-expect-error nothing of that name is declared
    void values.token
    return []
  },
)
source({ name: 'configured', config: { depth: 2 } }, ({ config: { depth } }) => resource({ name: 'r' }, [depth + 1]))
transformer({ name: 'configured', dataFrom: users, config: { prefix: 'x' } }, (page, { config: { prefix } }) =>
  page.map(({ name }) => prefix + name),
)

// Rows that are iterated over have their types, steps and transformers included; those of a source are unknown.
for await (const row of resource({ name: 'numbers' }, [[1], [2]]).map((n) => ({ n })))
  check<Same<typeof row, { n: number }>>()
for await (const row of transformer({ name: 'names', dataFrom: deferred }, (page) => page.map(({ name }) => name))) {
  check<Same<typeof row, string>>()
}
for await (const row of source({ name: 'all' }, () => [users])) check<Same<typeof row, unknown>>()
