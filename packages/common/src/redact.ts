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

/** Secrets that were found or given in this process. */
const remembered = new Set<string>()

/** Has {@link withoutSecrets} blank this value from now on; of a URL the password in it. */
export function rememberSecret(value: string): void {
  for (const secret of secretsIn(value)) if (secret.length >= minSecretLength) remembered.add(secret)
}

/**
 * The text with secrets replaced by `***`: passwords in URLs, what stands behind names of secrets, bearer tokens, the very
 * values of variables with such names, and those that are remembered.
 */
export function withoutSecrets(text: string, env: Readonly<Record<string, string | undefined>> = process.env): string {
  let masked = text
  const values = [...remembered, ...secretValues(env)].toSorted((a, b) => b.length - a.length)
  for (const value of values) masked = masked.replaceAll(value, '***')
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
  return values.filter((value) => value.length >= minSecretLength)
}

function secretsIn(value: string): readonly string[] {
  const url = /:\/\/[^\s:@/]*(?::(.*))?@/s.exec(value)
  if (url === null) return /^\w+:\/\//.test(value) ? [] : [value, value.trim()]
  const password = url[1]
  if (password === undefined) return []
  try {
    return [password, decodeURIComponent(password)]
  } catch {
    return [password]
  }
}
