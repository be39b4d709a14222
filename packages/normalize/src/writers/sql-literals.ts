import { base64Text } from '@gantry/common'

/** Literals in which SQL engines differ. */
export interface SqlLiterals {
  /** A name in the list of columns. */
  identifier(name: string): string
  text(value: string): string
  bytes(value: Uint8Array): string
}

/**
 * The literals of DuckDB. Text is `E'…'` with line ends escaped, so that a row is a line; a NUL can stand in no literal
 * and is added by `chr(0)`. Names are escaped as dlt does, backslashes too (`dlt/common/data_writers/escape.py`).
 */
export const duckdbLiterals: SqlLiterals = {
  identifier: (name) => `"${name.replaceAll('"', '""').replaceAll('\\', '\\\\')}"`,
  text: (value) => (needsEscape.test(value) ? `E'${value.replace(escaped, escape)}'` : `E'${value}'`),
  bytes: (value) => `from_base64('${base64Text(value)}')`,
}

const needsEscape = /['\\\n\r\0]/
const escaped = /['\\\n\r\0]/g
const escapes: Readonly<Record<string, string>> = {
  "'": "''",
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\0': "'||chr(0)||E'",
}

function escape(character: string): string {
  return escapes[character] as string
}
