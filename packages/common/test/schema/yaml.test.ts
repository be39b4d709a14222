import { describe, expect, it } from 'vitest'
import type { DocumentMap, DocumentNode } from '../../src/schema/document.ts'
import { printYaml, readYaml, YamlSyntaxError } from '../../src/schema/yaml.ts'
import { Double } from '../../src/values/double.ts'

async function valueOf(text: string): Promise<DocumentNode | undefined> {
  return ((await readYaml(`v: ${text}\n`)).document as DocumentMap).get('v')
}

describe('words without quotes mean what they mean to PyYAML', () => {
  it.each<[string, DocumentNode]>([
    ['yes', true],
    ['Off', false],
    ['y', 'y'],
    ['~', null],
    ['', null],
    ['NULL', null],
    ['017', 15],
    ['0o17', '0o17'],
    ['08', '08'],
    ['0x1F', 31],
    ['0b101', 5],
    ['1_000', 1000],
    ['-12', -12],
    ['18446744073709551615', 18446744073709551615n],
    ['1e3', '1e3'],
    ['1.5', new Double(1.5)],
    ['1.0', new Double(1)],
    ['1.0e+3', new Double(1000)],
    ['2024-01-01', '2024-01-01'],
    ['"1"', '1'],
    ["'on'", 'on'],
  ])('%s', async (text, value) => {
    expect(await valueOf(text)).toEqual(value)
  })
})

describe('printYaml', () => {
  it('writes every text so that it reads as the same text', async () => {
    const texts = ['on', 'Yes', '~', '', '1e3', '017', '12:30', '12:30:45.5', '2024-01-01', '2024-1-1 10:00', '=', '<<']
    texts.push(
      '- a',
      'a: b',
      'x #y',
      ' x',
      'x ',
      '@a',
      '&a',
      '*a',
      '?',
      '{a}',
      '[a',
      "it's",
      '"q"',
      'a\nb',
      '\ta',
      '...',
    )
    texts.push('a\u007f', '\u0085', '\u2028', '\ufeff', '▶', '\u0001', '\ud800', '.inf', '0x_', 'long '.repeat(40))
    const document = new Map<string, DocumentNode>([['texts', texts]])
    for (const text of texts) document.set(text, text)
    expect((await readYaml(await printYaml(document))).document).toEqual(document)
  })

  it('quotes only what has to be quoted, in single quotes', async () => {
    const document = new Map<string, DocumentNode>([
      ['plain', 'words with spaces, 1e3'],
      ['on', 'off'],
      ['list', ['it’s', "'it"]],
      ['empty', new Map()],
      ['none', []],
      ['numbers', [1, 1.5, new Double(1), 1e22, new Double(1e22), null, true]],
    ])
    expect(await printYaml(document)).toBe(
      [
        'plain: words with spaces, 1e3',
        "'on': 'off'",
        'list:',
        '- it’s',
        '- "\'it"',
        'empty: {}',
        'none: []',
        'numbers:',
        '- 1',
        '- 1.5',
        '- 1.0',
        '- 1.0e+22',
        '- 1.0e+22',
        '- null',
        '- true',
        '',
      ].join('\n'),
    )
  })
})

describe('readYaml', () => {
  it('follows aliases, and keeps the order of keys', async () => {
    const { document } = await readYaml('b: &x [1, z]\n1: *x\n__proto__: {a: *x}\n')
    expect(document).toEqual(
      new Map<string, DocumentNode>([
        ['b', [1, 'z']],
        ['1', [1, 'z']],
        ['__proto__', new Map([['a', [1, 'z']]])],
      ]),
    )
  })

  it('says in which line a part stands', async () => {
    const { lineOf } = await readYaml('a: 1\nb:\n  c:\n  - x\n  - d: 2\n')
    expect(lineOf(['b', 'c', 1, 'd'])).toBe(5)
    expect(lineOf(['b', 'gone'])).toBe(2)
    expect(lineOf([])).toBe(1)
  })

  it.each([
    ['a: 1\nb: [1\n', 3],
    ['a: 1\na: 2\n', 2],
    ['a: &x\n  b: *x\n', 2],
    ['a: *nobody\n', 1],
    ['a: 1\n---\nb: 2\n', 2],
  ])('refuses %j with its line', async (text, line) => {
    const error = (await readYaml(text).catch((reason: unknown) => reason)) as YamlSyntaxError
    expect(error).toBeInstanceOf(YamlSyntaxError)
    expect(error.line).toBe(line)
  })
})
