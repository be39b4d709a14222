import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Configuration,
  capabilitiesOf,
  isBlank,
  namingConvention,
  silentLog,
  silentProgress,
  systemClock,
  type StageContext,
} from '@gantry/common'
import { bareRows, bareSource, extract, fileResource, type Extractable } from '@gantry/extract'
import { load, openDataset } from '@gantry/load'
import { normalize } from '@gantry/normalize'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatWriters } from '../../packages/normalize/src/writers/open-writer.ts'
import { query } from '../support/duckdb.mjs'
import { markedStrings, naughtyStrings } from '../support/naughty-strings.ts'

/*
 * Naughty strings as values and as keys, through all stages and every load file format, from memory and from a file.
 */

/** A row as entries, since a key may be one that plain objects do not take, or an integer that they move to the front. */
type Entries = readonly (readonly [key: string, value: string | number])[]

const naming = namingConvention('snake_case', capabilitiesOf('duckdb').maxIdentifierLength)
const values = Object.values(naughtyStrings).flat()
/** A key may be long, but a megabyte of it is a name that no engine takes. */
const keys = values.filter((key) => key.length <= 1000)

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'gantry-naughty-'))
})
afterEach(() => rm(home, { recursive: true }))

const database = (): string => join(home, 'naughty.duckdb')

async function fromMemory(rows: readonly Entries[]): Promise<Extractable> {
  return bareRows(
    rows.map((row) => new Map(row)),
    { tableName: 't' },
  )
}

async function fromFile(rows: readonly Entries[]): Promise<Extractable> {
  const path = join(home, 't.jsonl')
  const lines = rows.map(
    (row) => `{${row.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}\n`,
  )
  await writeFile(path, lines.join(''))
  return fileResource(path, {})
}

/** The rows of table `t` after all stages, by their field `number`. */
async function loaded(resource: Extractable, loaderFileFormat: string): Promise<Map<number, Record<string, unknown>>> {
  const request = {
    pipelineName: 'naughty',
    pipelinesDir: home,
    destination: { type: 'duckdb', credentials: database() },
  }
  const context: StageContext = {
    log: silentLog(),
    progress: silentProgress,
    clock: systemClock,
    configuration: Configuration.ofEnvironment({}),
    signal: new AbortController().signal,
  }
  const target = { ...request, datasetName: 'data' }
  await extract([bareSource([resource])], request, context)
  await normalize({ ...request, loaderFileFormat }, context)
  const { failure } = await load(target, context)
  if (failure !== undefined) throw failure
  const rows = new Map<number, Record<string, unknown>>()
  for await (const row of openDataset(target, context).table('t').rows({ exact: true }))
    rows.set(row['number'] as number, row)
  return rows
}

const formats = Object.keys(formatWriters).filter((format) =>
  (capabilitiesOf('duckdb').supportedFormats as readonly string[]).includes(format),
)

describe.each(formats)('through load files of format %s', (format) => {
  describe.each([
    ['rows from memory', fromMemory],
    ['a JSON lines file', fromFile],
  ] as const)('and %s', (_, resourceFrom) => {
    it('naughty strings come out as they went in', async () => {
      // The first row makes the column a text.
      const texts = ['plain', ...values]
      const rows = await loaded(
        await resourceFrom(
          texts.map((text, number): Entries => [
            ['number', number],
            ['text', text],
          ]),
        ),
        format,
      )
      expect(rows.size).toBe(texts.length)
      for (const [number, text] of texts.entries()) expect(rows.get(number)?.['text'], JSON.stringify(text)).toBe(text)
      // What is stored, whatever the driver makes of it.
      const stored = await query(database(), 'SELECT hex(encode("text")) FROM data.t ORDER BY number')
      expect(stored).toEqual(texts.map((text) => [Buffer.from(text).toString('hex').toUpperCase()]))
    })

    it('strings that begin with a type marker are values in rows from memory, and strings in a file', async () => {
      const texts = Object.keys(markedStrings)
      const rows = await loaded(
        await resourceFrom([
          [
            ['number', -1],
            ['text', 'plain'],
          ],
          ...texts.map((text, number): Entries => [
            ['number', number],
            ['text', text],
          ]),
        ]),
        format,
      )
      const found = texts.map((_, number) => rows.get(number)?.['text'])
      expect(found).toEqual(resourceFrom === fromMemory ? Object.values(markedStrings) : texts)
    })

    it('naughty keys lead to the columns that the naming convention says, the last one where several do', async () => {
      const each = keys.map((key, number): Entries => [
        ['number', number],
        [key, `value ${number}`],
      ])
      const all: Entries = [['number', -1], ...keys.map((key, number) => [key, `all ${number}`] as const)]
      const rows = await loaded(await resourceFrom([...each, all]), format)
      const columnOf = (key: string): string => (isBlank(key) ? '_empty' : naming.normalizePath(key))
      for (const [number, key] of keys.entries()) {
        expect(rows.get(number)?.[columnOf(key)], JSON.stringify(key)).toBe(`value ${number}`)
        // Of one row's keys that lead to one column the last one counts; a repeated key has its first place.
        const last = [...new Set(keys)].findLast((other) => columnOf(other) === columnOf(key)) as string
        expect(rows.get(-1)?.[columnOf(key)], JSON.stringify(key)).toBe(`all ${keys.lastIndexOf(last)}`)
      }
    })
  })
})
