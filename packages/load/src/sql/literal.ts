/** A text as an SQL literal. For engines that take backslashes literally, as standard SQL does. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
