/*
 * Errors of drivers and services repeat what they were given, connection strings among it. What is kept or shown of
 * them goes through here.
 */

const secretName =
  /password|passwd|passphrase|secret|token|authorization|access_?key|account_?key|api_?key|private_?key|credentials|connection_?string|signature/i

/** True for a name under which a secret may stand. */
export function isSecretName(name: string): boolean {
  return secretName.test(name)
}

/**
 * The text with secrets replaced by `***`: passwords in URLs, what stands behind names of secrets, bearer tokens, and
 * the very values of variables with such names.
 */
export function withoutSecrets(text: string, env: Readonly<Record<string, string | undefined>> = process.env): string {
  let masked = text
  for (const value of secretValues(env)) masked = masked.replaceAll(value, '***')
  return (
    masked
      // Greedy, because a password may hold an `@` itself.
      .replaceAll(/(:\/\/[^\s:@/]*):[^\s]*@/g, '$1:***@')
      .replaceAll(/\b(bearer|basic)\s+[\w.~+/-]{6,}=*/gi, '$1 ***')
      .replaceAll(
        /\b((?:[\w-]*(?:password|passwd|pwd|secret|access_?key|account_?key|api_?key|private_?key)|(?:access|auth|sas|session|refresh)_?token|sig|signature))(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&'"]+)/gi,
        '$1$2***',
      )
  )
}

/** Variables that say where a secret is, not what it is. */
const pathName = /(?:file|path|dir|sock)$/i

/** Shorter ones are words that may stand anywhere. */
const minSecretLength = 6

function secretValues(env: Readonly<Record<string, string | undefined>>): string[] {
  const values: string[] = []
  for (const [name, value = ''] of Object.entries(env)) {
    const inUrl = /:\/\/[^\s:@/]*:([^\s]*)@/.exec(value)?.[1]
    if (inUrl !== undefined) values.push(inUrl)
    // Credentials may be a path or a URL, of which only the password is secret.
    else if (isSecretName(name) && !/credentials$/i.test(name) && !pathName.test(name)) values.push(value)
  }
  return values.filter((value) => value.length >= minSecretLength).toSorted((a, b) => b.length - a.length)
}
