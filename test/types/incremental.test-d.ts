import { incremental, resource, type Cursor, type Incremental } from 'gantry'

/*
 * What the compiler says to cursors. Nothing here runs: `npm run typecheck` fails where a line that must not compile does,
 * and where one that must does not.
 */

/** True where both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const check = <_ extends true>(): void => undefined

// The function of a resource gets the cursor in the type of its values; without an initial value it may not be there.
resource({ name: 'a', incremental: incremental<string>('at') }, ({ cursor }) => {
  check<Same<typeof cursor, Cursor<string, string | undefined>>>()
  return [cursor.lastValue?.length]
})
resource(
  { name: 'b', incremental: incremental('at', { initialValue: new Date() }) },
  async function* ({ cursor, signal }) {
    check<Same<typeof cursor.startValue, Date>>()
    check<Same<typeof cursor.endValue, Date | undefined>>()
    if (!signal.aborted && !cursor.canClose()) yield [{ since: cursor.lastValue.toISOString() }]
  },
)
// A literal is one value of its type.
check<Same<ReturnType<typeof numbers>, Incremental<number, number>>>()
const numbers = () => incremental('id', { initialValue: 0, lag: 5, lastValueFunc: 'max' })

// Without a cursor there is none.
resource({ name: 'c' }, ({ cursor, resourceState }) => {
  check<Same<typeof cursor, undefined>>()
  resourceState()['seen'] = 1
  return []
})

// A function of values gets and gives them.
incremental<number>('id', { lastValueFunc: ([value, last = 0]) => Math.max(value, last) })
// @ts-expect-error text is no number
incremental<number>('id', { lastValueFunc: ([value]) => String(value) })

// Bounds are of one type, options are known, words are spelled as they are.
// @ts-expect-error two types
incremental('at', { initialValue: 1, endValue: 'x' })
// @ts-expect-error no such option
incremental('at', { initial_value: 1 })
// @ts-expect-error no such word
incremental('at', { rowOrder: 'ascending' })

// Hints of a resource take a cursor, and null to take it away.
resource({ name: 'd' }, [])
  .applyHints({ incremental: incremental('at'), primaryKey: null })
  .applyHints({ incremental: null })
// @ts-expect-error that is no cursor
resource({ name: 'e', incremental: 'at' }, [])
