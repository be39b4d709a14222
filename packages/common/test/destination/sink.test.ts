import { describe, expect, it } from 'vitest'
import { Configuration } from '../../src/config/configuration.ts'
import { normalizerSettings } from '../../src/config/schema-settings.ts'
import { capabilitiesOf, checkLoadFormat } from '../../src/destination/capabilities.ts'
import { pipelineDestination, resolveDestination } from '../../src/destination/reference.ts'
import { defineSink, type RowSinkOptions } from '../../src/destination/define-sink.ts'
import { PipelineState } from '../../src/storage/pipeline-state.ts'

const nothing = Configuration.ofEnvironment({}, 'p')
const crm = defineSink({ name: 'crm' }, () => undefined)

describe('a sink', () => {
  it('brings its capabilities with it', () => {
    const resolved = resolveDestination(crm, nothing)
    expect(resolved).toMatchObject({ type: 'destination', name: 'crm' })
    expect(capabilitiesOf(resolved!)).toMatchObject({
      destination: 'crm',
      destinationType: 'dlt.destinations.destination',
      preferredFormat: 'typed-jsonl',
      supportedFormats: ['typed-jsonl'],
      hasDataset: false,
      namingConvention: 'direct',
      maxTableNesting: 0,
    })
  })

  it('takes Parquet as whole files only', () => {
    const files = defineSink({ name: 'files', batchSize: 0, loaderFileFormat: 'parquet' }, () => undefined)
    expect(capabilitiesOf(files)).toMatchObject({
      preferredFormat: 'parquet',
      supportedFormats: ['typed-jsonl', 'parquet'],
    })
    expect(() => checkLoadFormat(capabilitiesOf(crm), 'parquet')).toThrow('Destination crm takes no load files')
  })

  it('decides names and nesting of schemas, unless a convention is configured', () => {
    const settings = (env: Record<string, string>, sink = crm): unknown =>
      normalizerSettings('shop', Configuration.ofEnvironment(env), capabilitiesOf(sink))
    expect(settings({})).toEqual({ naming: 'direct', maxNesting: 0 })
    expect(settings({ SCHEMA__NAMING: 'sql_cs_v1' })).toEqual({ naming: 'sql_cs_v1', maxNesting: 0 })
    const open = defineSink({ name: 'open', namingConvention: 'snake_case', maxTableNesting: 3 }, () => undefined)
    expect(settings({}, open)).toEqual({ naming: 'snake_case', maxNesting: 3 })
  })

  it('is not found by what a state says of it, and the message says what to pass', () => {
    const state = PipelineState.create('p', '/', '/p')
    state.setDestination(crm, undefined)
    expect(['destination_type', 'destination_name', 'dataset_name'].map((key) => state.document.get(key))).toEqual([
      'dlt.destinations.destination',
      'crm',
      null,
    ])
    expect(() => pipelineDestination(undefined, nothing, state)).toThrow(
      'The pipeline loads to sink "crm". A sink is a function, of which its state knows the name alone.',
    )
    expect(pipelineDestination(crm, nothing, state)).toMatchObject({ name: 'crm' })
  })

  it.each([
    [{ name: ' ' }, 'A sink needs a "name"'],
    [{ name: 'a', batchSize: -1 }, '"batchSize" of sink "a" takes a whole number from 0, not -1'],
    [{ name: 'a', batchSize: 1.5 }, '"batchSize" of sink "a" takes a whole number from 0, not 1.5'],
    [{ name: 'a', loaderFileFormat: 'csv' }, '"loaderFileFormat" of sink "a" takes typed-jsonl, jsonl or parquet'],
    [{ name: 'a', loaderFileFormat: 'parquet' }, 'take whole files by batchSize: 0'],
    [{ name: 'a', maxTableNesting: '1' }, '"maxTableNesting" of sink "a" takes a whole number from 0, not "1"'],
    [{ name: 'a', loaderParallelismStrategy: 'one' }, 'takes parallel, table-sequential, sequential, not "one"'],
    [{ name: 'a', batch_size: 1 }, 'Sink "a" has no option "batch_size". There are: name, batchSize,'],
    [{ name: 'a', toString: 1 }, 'Sink "a" has no option "toString"'],
  ])('refuses %j', (options, message) => {
    expect(() => defineSink(options as RowSinkOptions, () => undefined)).toThrow(message)
  })
})
