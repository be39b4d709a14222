import { describe, expect, it } from 'vitest'
import { Configuration } from '@gantry/common'
import {
  extractableSources as sourcesIn,
  PipeNotBoundToData,
  ResourceNameMissing,
  type RunHints,
} from '../src/extractable-sources.ts'
import { InvalidHint } from '../src/hints/invalid-hint.ts'
import { InvalidResourceData } from '../src/pipe/rows-of.ts'
import { resource } from '../src/resource.ts'
import { InvalidSource, ResourcesNotFoundError, source } from '../src/source.ts'
import { transformer } from '../src/transformer.ts'

const extractableSources = (data: unknown, hints: RunHints) => sourcesIn(data, hints, Configuration.ofEnvironment({}))

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
      { name: undefined, resources: [{ name: 't', definition: { head: { data: [{ id: 1 }] } } }] },
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

  describe('with transformers', () => {
    const parent = resource({ name: 'parent', selected: false }, [])
    const child = transformer({ name: 'child', dataFrom: parent }, (page) => page)
    const loose = transformer({ name: 'loose' }, (page) => page)
    const grandchild = child.pipe(loose)
    const extracted = async (data: unknown): Promise<unknown> =>
      (await extractableSources(data, {})).map(({ resources }) =>
        resources.map((each) => [each.name, each.isWritten, each.kind === 'rows' && each.parent?.name]),
      )

    it('has those that their rows come from, written or not', async () => {
      expect(await extracted(grandchild)).toEqual([
        [
          ['parent', false, undefined],
          ['child', false, 'parent'],
          ['loose', true, 'child'],
        ],
      ])
      expect(await extracted([parent, child])).toEqual([
        [
          ['parent', true, undefined],
          ['child', true, 'parent'],
        ],
      ])
      expect(await extracted(source({ name: 's' }, () => [parent, child]))).toEqual([
        [
          ['parent', false, undefined],
          ['child', true, 'parent'],
        ],
      ])
    })

    it('is refused where one is not bound, or where two resources have one name', async () => {
      await expect(extractableSources(loose, {})).rejects.toThrow(PipeNotBoundToData)
      await expect(extractableSources(loose, {})).rejects.toThrow(/"loose" is not bound.*dataFrom/)
      const limited = source({ name: 's' }, () => [parent.limit(1), child])
      await expect(extractableSources(limited.withResources('parent', 'child'), {})).rejects.toThrow(
        /Source "s" has two resources "parent".*bind transformers to the one that is extracted/,
      )
    })

    it('takes no page of what is no transformer', () => {
      expect(() => parent.pipe(parent as never)).toThrow(/"parent" is no transformer/)
      expect(() => transformer({ name: 't', dataFrom: [] as never }, () => [])).toThrow(/takes a resource/)
      expect(() => transformer({ name: 't' }, [] as never)).toThrow(/needs a function/)
    })
  })

  it('comes in groups where a name is there twice', async () => {
    expect(await names([one, two, one])).toEqual([
      [undefined, ['one', 'two']],
      [undefined, ['one']],
    ])
  })

  it('has names that will do', () => {
    expect(() => resource({ name: ' ' }, [])).toThrow(InvalidHint)
    expect(() => resource({ name: 'list', parallelized: true }, [])).toThrow(/nothing can run in parallel/)
    expect(() => source({ name: 'my shop' }, () => [])).toThrow(/Schema name "my shop"/)
    expect(() => source({ name: 's', max_table_nesting: 1 } as never, () => [])).toThrow(/maxTableNesting/)
  })
})
