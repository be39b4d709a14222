/*
 * Options are spelled as JavaScript does and stored as dlt does.
 */

/** `dataType` as it is stored: `data_type`. */
export function storedSpelling(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** `data_type` as it is spelled in code: `dataType`. */
export function codeSpelling(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
