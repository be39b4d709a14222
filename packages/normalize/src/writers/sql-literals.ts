import { base64Text, type Capabilities } from '@gantry/common'

/** Literals in which SQL engines differ. */
export interface SqlLiterals {
  /** A name in the list of columns. */
  identifier(name: string): string
  text(value: string): string
  bytes(value: Uint8Array): string
}

/**
 * The literals of each engine. Text is `E'…'` with line ends escaped, so that a row is a line. Names are escaped as dlt
 * does, backslashes too (`dlt/common/data_writers/escape.py`).
 */
export const sqlLiterals: Readonly<Record<NonNullable<Capabilities['sqlLiterals']>, SqlLiterals>> = {
  duckdb: {
    identifier,
    // A NUL can stand in no literal.
    text: escapedText("'||chr(0)||E'"),
    bytes: (value) => `from_base64('${base64Text(value)}')`,
  },
  postgres: {
    identifier,
    // PostgreSQL stores no NUL. This one it refuses by name, where a bare one would end the statement.
    text: escapedText('\\x00'),
    bytes: (value) => `'\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}'`,
  },
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""').replaceAll('\\', '\\\\')}"`
}

const needsEscape = /['\\\n\r\0]/
const escaped = /['\\\n\r\0]/g

/** @param nul  what stands for a NUL */
function escapedText(nul: string): (value: string) => string {
  const escapes: Readonly<Record<string, string>> = { "'": "''", '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\0': nul }
  const escape = (character: string): string => escapes[character] as string
  return (value) => (needsEscape.test(value) ? `E'${value.replace(escaped, escape)}'` : `E'${value}'`)
}
