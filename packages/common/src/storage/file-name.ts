/**
 * True for a text that can be part of a file's or folder's name on every system, and of a job file's name, whose parts
 * are separated by dots (dlt asks the same of pipeline and table names).
 */
export function canBeInFileName(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are among what it looks for
  return text !== '' && !/[.%{}/\\:*?"<>|\u0000-\u001f]/.test(text)
}
