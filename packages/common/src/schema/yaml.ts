import type { Document, LineCounter, Node, Scalar } from 'yaml'
import { Double } from '../values/double.ts'
import { isDocumentMap, type DocumentMap, type DocumentNode, type DocumentPath } from './document.ts'
import { needsQuotes, numberText, plainScalar } from './yaml-scalars.ts'

/*
 * Documents as YAML, in the form in which dlt writes schema files. The library is loaded when a file is read or written,
 * and not before: few runs need it.
 */

/** A document, and where in the text its parts stand. */
export interface ReadDocument {
  readonly document: DocumentNode
  /** Line, from 1, of the part at `path`, or of the nearest part around it that the text has. */
  lineOf(path: DocumentPath): number
}

/** A text is no YAML. */
export class YamlSyntaxError extends Error {
  /** From 1. */
  readonly line: number
  readonly column: number

  constructor(reason: string, line: number, column: number) {
    super(reason)
    this.line = line
    this.column = column
  }
}

/** Reads one document. JSON is YAML too. @throws {YamlSyntaxError} */
export async function readYaml(text: string): Promise<ReadDocument> {
  const yaml = await import('yaml')
  const lines = new yaml.LineCounter()
  // No meaning is given to words here: PyYAML's rules are not those of any schema of the library.
  const parsed = yaml.parseDocument(text, {
    schema: 'failsafe',
    version: '1.1',
    lineCounter: lines,
    prettyErrors: false,
  })
  const error = parsed.errors[0]
  if (error !== undefined) throw syntaxError(error.message, error.pos[0], lines)
  const toNode = (node: unknown, open: readonly unknown[]): DocumentNode => {
    if (open.includes(node)) throw syntaxError('an alias stands for what it is part of', rangeOf(node) ?? 0, lines)
    if (yaml.isAlias(node)) {
      const target = node.resolve(parsed)
      if (target === undefined) throw syntaxError(`nothing is called &${node.source}`, rangeOf(node) ?? 0, lines)
      return toNode(target, open)
    }
    if (yaml.isMap(node)) {
      const map: DocumentMap = new Map()
      for (const pair of node.items) map.set(keyText(pair.key, yaml.isScalar), toNode(pair.value, [...open, node]))
      return map
    }
    if (yaml.isSeq(node)) return node.items.map((item) => toNode(item, [...open, node]))
    if (!yaml.isScalar(node)) return null
    const value = String(node.value ?? '')
    return node.type === 'PLAIN' || node.type === undefined ? plainScalar(value) : value
  }
  return {
    document: toNode(parsed.contents, []),
    lineOf: (path) => {
      let offset = rangeOf(parsed.contents) ?? 0
      let node: unknown = parsed.contents
      for (const step of path) {
        if (yaml.isAlias(node)) node = node.resolve(parsed)
        if (yaml.isMap(node)) {
          const pair = node.items.find((item) => keyText(item.key, yaml.isScalar) === String(step))
          if (pair === undefined) break
          offset = rangeOf(pair.key) ?? offset
          node = pair.value
        } else if (yaml.isSeq(node) && typeof step === 'number') {
          node = node.items[step]
          offset = rangeOf(node) ?? offset
        } else break
      }
      return lines.linePos(offset).line
    },
  }
}

/** A document in block style, keys in their order, as `yaml.dump` of PyYAML writes it for dlt. */
export async function printYaml(root: DocumentNode): Promise<string> {
  const yaml = await import('yaml')
  const document: Document = new yaml.Document(null, { schema: 'failsafe', version: '1.1' })
  const scalar = (text: string, type: Scalar.Type): Scalar => {
    const made = new yaml.Scalar(text)
    made.type = type
    return made
  }
  const textNode = (text: string): Scalar =>
    scalar(text, unprintable.test(text) ? 'QUOTE_DOUBLE' : needsQuotes(text) ? 'QUOTE_SINGLE' : 'PLAIN')
  const toYaml = (node: DocumentNode): Node => {
    if (isDocumentMap(node)) {
      const map = new yaml.YAMLMap()
      for (const [key, value] of node) map.add(new yaml.Pair(textNode(key), toYaml(value)))
      map.flow = node.size === 0
      return map
    }
    if (Array.isArray(node)) {
      const list = new yaml.YAMLSeq()
      for (const item of node as readonly DocumentNode[]) list.add(toYaml(item))
      list.flow = node.length === 0
      return list
    }
    if (typeof node === 'string') return textNode(node)
    const isNumber = typeof node === 'number' || typeof node === 'bigint' || node instanceof Double
    return scalar(isNumber ? numberText(node) : String(node), 'PLAIN')
  }
  document.contents = toYaml(root)
  const text = document.toString({
    lineWidth: 0,
    indentSeq: false,
    singleQuote: true,
    doubleQuotedMinMultiLineLength: Infinity,
  })
  // The library escapes what JSON escapes; PyYAML refuses or folds more. Such characters are inside double quotes only.
  return text.replace(unescaped, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Characters that end a line or that PyYAML refuses outside of an escape. */
const unprintable = /[\p{Cc}\p{Surrogate}\u2028\u2029\ufeff\ufffe\uffff]/u
const unescaped = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g

function keyText(key: unknown, isScalar: (node: unknown) => node is Scalar): string {
  return isScalar(key) ? String(key.value ?? '') : String(key)
}

function rangeOf(node: unknown): number | undefined {
  return (node as { readonly range?: readonly number[] | null } | null | undefined)?.range?.[0]
}

function syntaxError(reason: string, offset: number, lines: LineCounter): YamlSyntaxError {
  const { line, col } = lines.linePos(offset)
  return new YamlSyntaxError(reason, line, col)
}
