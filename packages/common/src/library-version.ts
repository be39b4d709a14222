import { readFileSync } from 'node:fs'

/** Version of the packages, which all share one. */
export function libraryVersion(): string {
  try {
    const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
    return (JSON.parse(text) as { version: string }).version
  } catch {
    // In a bundle of the user's there is no package.json beside the code.
    return 'unknown'
  }
}
