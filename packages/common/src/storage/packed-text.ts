import { inflateSync } from 'node:zlib'

/**
 * Text as dlt's tables may hold it: as it is, or compressed, that is base64 of zlib. What is neither is given back as it
 * stands (dlt `dlt/common/utils.py`, `compressed_b64decode`).
 */
export function unpackText(text: string): string {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return text
  try {
    return inflateSync(Buffer.from(text, 'base64')).toString('utf8')
  } catch {
    return text
  }
}
