import { describe, expect, it } from 'vitest'
import {
  extractableSources,
  InvalidResourceData,
  openRows,
  ResourceExtractionError,
  ResourceNameMissing,
} from '../src/extractable.ts'
import { InvalidHint } from '../src/hints/invalid-hint.ts'
import { resource, type ResourceContext } from '../src/resource.ts'
import { InvalidSource, ResourcesNotFoundError, source } from '../src/source.ts'

const context: ResourceContext = {
  cursor: undefined,
  signal: new AbortController().signal,
  resourceState: () => ({}),
  sourceState: () => ({}),
}

async function rowsOf(data: unknown): Promise<unknown[]> {
  const rows: unknown[] = []
  for await (const row of await openRows('r', data as [], context)) rows.push(row)
  return rows
}

describe('rows come', () => {
  it('from lists, iterables, async iterables, promises, and functions that give those', async () => {
    function* generate() {
      yield { id: 1 }
      yield [{ id: 2 }]
    }
    const expected = [{ id: 1 }, [{ id: 2 }]]
    for (const data of [
      [...generate()],
      generate(),
      (async function* () {
        yield* generate()
      })(),
      Promise.resolve(generate()),
      generate,
      async () => [...generate()],
      () => new ReadableStream({ start: fill(expected) }),
    ]) {
      expect(await rowsOf(data)).toEqual(expected)
    }
  })

  it('anew each time from a function', async () => {
    const data = function* () {
      yield 1
    }
    expect([await rowsOf(data), await rowsOf(data)]).toEqual([[1], [1]])
  })

  it('from nothing else', async () => {
    for (const data of [() => ({ id: 1 }), () => 'text', () => undefined, Promise.resolve(new Map())]) {
      await expect(rowsOf(data)).rejects.toThrow(InvalidResourceData)
    }
  })

  it('until they fail: the error names the resource and keeps the cause', async () => {
    const cause = new Error('no more')
    const fail = (): never => {
      throw cause
    }
    const failing = [
      fail,
      () => Promise.reject(cause),
      function* () {
        yield 1
        fail()
      },
      async function* () {
        yield 1
        await Promise.reject(cause)
      },
    ]
    for (const data of failing) {
      const error = await rowsOf(data).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(error).toBeInstanceOf(ResourceExtractionError)
      expect(error).toMatchObject({ message: 'Resource "r" failed: no more', cause, exitCode: 1 })
    }
  })
})

function fill(rows: readonly unknown[]) {
  return (controller: ReadableStreamDefaultController) => {
    for (const row of rows) controller.enqueue(row)
    controller.close()
  }
}

describe('what is extracted', () => {
  const one = resource({ name: 'one', primaryKey: 'id', columns: { id: { dataType: 'text' }, a: {} } }, [])
  const two = resource({ name: 'two', selected: false }, [])
  const shop = source({ name: 'shop', maxTableNesting: 2 }, () => [one, two])
  const names = async (data: unknown): Promise<unknown> =>
    (await extractableSources(data, {})).map(({ name, resources }) => [name, resources.map((each) => each.name)])

  it('is one resource or several, for the default schema', async () => {
    expect(await names(one)).toEqual([[undefined, ['one']]])
    expect(await names([one, two])).toEqual([[undefined, ['one', 'two']]])
  })

  it('is one source or several, each with its selected resources', async () => {
    expect(await names(shop)).toEqual([['shop', ['one']]])
    const others = source({ name: 'others' }, async function* () {
      yield two
      yield one
    })
    expect(await names([others, shop.withResources('two')])).toEqual([
      ['others', ['one']],
      ['shop', ['two']],
    ])
    expect(await names(source({ name: 'single' }, () => Promise.resolve(one)))).toEqual([['single', ['one']]])
  })

  it('is bare rows with the name of their table', async () => {
    expect(await extractableSources([{ id: 1 }], { tableName: 't' })).toMatchObject([
      { name: undefined, resources: [{ name: 't', data: [{ id: 1 }] }] },
    ])
    const events = function* () {
      yield 1
    }
    expect(await names(events)).toEqual([[undefined, ['events']]])
    await expect(extractableSources([{ id: 1 }], {})).rejects.toThrow(ResourceNameMissing)
    await expect(extractableSources({ id: 1 }, { tableName: 't' })).rejects.toThrow(InvalidResourceData)
  })

  it('has the hints of the resource, and those of the run over them', async () => {
    const columns = [{ name: 'a', dataType: 'bigint' as const }]
    const [ofRun] = await extractableSources(one, { primaryKey: 'a', columns, loaderFileFormat: 'jsonl' })
    expect(ofRun?.resources[0]?.hints).toEqual({
      primaryKey: 'a',
      columns: { id: { dataType: 'text' }, a: { dataType: 'bigint' } },
      fileFormat: 'jsonl',
    })
    const own = resource({ name: 'own', fileFormat: 'parquet' }, [])
    const [kept] = await extractableSources(own, { loaderFileFormat: 'jsonl' })
    expect(kept?.resources[0]?.hints).toEqual({ fileFormat: 'parquet' })
  })

  it('is resources or sources, not both and nothing else beside them', async () => {
    await expect(extractableSources([one, { id: 1 }], {})).rejects.toThrow(/Pass resources only/)
    await expect(extractableSources([shop, one], {})).rejects.toThrow(/Pass sources only/)
  })

  it('is refused where a source is built wrong, or lacks what is asked for', async () => {
    const built = (...resources: unknown[]) =>
      extractableSources(
        source({ name: 's' }, () => resources as []),
        {},
      )
    await expect(built({ id: 1 })).rejects.toThrow(InvalidSource)
    await expect(built(one, one)).rejects.toThrow(/two resources "one"/)
    const missing = extractableSources(shop.withResources('one', 'nine'), {})
    await expect(missing).rejects.toThrow(ResourcesNotFoundError)
    await expect(missing).rejects.toThrow(/no resource "nine". It has: one, two/)
  })

  it('has names that will do', () => {
    expect(() => resource({ name: ' ' }, [])).toThrow(InvalidHint)
    expect(() => source({ name: 'my shop' }, () => [])).toThrow(/Schema name "my shop"/)
    expect(() => source({ name: 's', max_table_nesting: 1 } as never, () => [])).toThrow(/maxTableNesting/)
  })
})
