import { decodeMarkers, double, HexBytes, parseJson, type Value, Wei } from '@gantry/common'
import { describe, expect, it } from 'vitest'
import { type Detection, type InferenceRules, inferType, parseDetections, UnknownDetection } from '../src/infer.ts'
import { readVectors } from '../../../test/support/vectors.mjs'

interface InferCase {
  readonly json: string
  readonly data_type?: string | null
  readonly error?: 'parse'
  readonly gantry?: string
}

const cases = readVectors('infer.jsonl')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as InferCase)

const now = 1_700_000_000

function rules(...detections: Detection[]): InferenceRules {
  return { detections, preferredType: () => undefined, startedAtSeconds: now }
}

function infer(value: Value, ...detections: Detection[]): string | null {
  return value === null ? null : inferType(value, 'column', rules(...detections))
}

describe('type of a new column', () => {
  it.each(cases.filter((example) => example.error === undefined))('of $json is that of dlt', (example) => {
    expect(infer(decodeMarkers(parseJson(example.json)), 'iso_timestamp')).toBe(example.gantry ?? example.data_type)
  })

  it.each(cases.filter((example) => example.error === 'parse'))('does not exist for $json', ({ json }) => {
    expect(() => parseJson(json)).toThrow()
  })

  it('is bigint up to 2^63-1 and wei beyond', () => {
    expect(infer(2n ** 63n - 1n)).toBe('bigint')
    expect(infer(2n ** 63n)).toBe('wei')
    expect(infer(-(2n ** 63n))).toBe('bigint')
  })

  it('is date for a date alone where iso_date is on', () => {
    expect(infer('1975-05', 'iso_timestamp', 'iso_date')).toBe('date')
    expect(infer('197505', 'iso_timestamp', 'iso_date')).toBe('text')
    expect(infer('1975-05-21T10', 'iso_date')).toBe('text')
  })

  it('is timestamp for numbers near now where timestamp is on', () => {
    expect(infer(now + 5 * 31_536_000, 'timestamp')).toBe('timestamp')
    expect(infer(double(now), 'timestamp')).toBe('timestamp')
    expect(infer(now + 5 * 31_536_000 + 1, 'timestamp')).toBe('bigint')
    expect(infer(true, 'timestamp')).toBe('bool')
  })

  it('is wei or text for large integers where large_integer is on', () => {
    expect(infer(2n ** 63n, 'large_integer')).toBe('wei')
    expect(infer(578960446186580977117854925043439539266n, 'large_integer')).toBe('wei')
    expect(infer(578960446186580977117854925043439539267n, 'large_integer')).toBe('text')
    expect(infer(2n ** 63n - 1n, 'large_integer')).toBe('bigint')
  })

  it('is text for hex bytes and double for wei where those detections are on', () => {
    expect(infer(new HexBytes(new Uint8Array(1)), 'hexbytes_to_text')).toBe('text')
    expect(infer(new Uint8Array(1), 'hexbytes_to_text')).toBe('binary')
    expect(infer(new Wei(1n), 'wei_to_double')).toBe('double')
    expect(infer(new Wei(1n))).toBe('wei')
  })

  it('takes the first detection that answers', () => {
    expect(infer(2n ** 64n, 'large_integer', 'wei_to_double')).toBe('wei')
    expect(infer(2n ** 64n, 'wei_to_double', 'large_integer')).toBe('double')
  })

  it('is the preferred type of the name, whatever the value', () => {
    const preferring: InferenceRules = {
      ...rules('iso_timestamp'),
      preferredType: (name) => (name.endsWith('_at') ? 'timestamp' : undefined),
    }
    expect(inferType('nope', 'created_at', preferring)).toBe('timestamp')
    expect(inferType('nope', 'created', preferring)).toBe('text')
  })

  it('refuses detections that do not exist', () => {
    expect(parseDetections(['iso_date', 'iso_timestamp'])).toEqual(['iso_date', 'iso_timestamp'])
    expect(() => parseDetections(['iso'])).toThrow(UnknownDetection)
  })
})
