/** Names of query parameters that hold secrets; `-` and `_` are the same, and so is case. */
const secretParams = new Set(
  ['api_key', 'token', 'key', 'access_token', 'apikey', 'secret', 'password', 'pwd', 'client_secret'].map(canonical),
)

/** The URL as it may be shown: values of query parameters that hold secrets, and a password, are `***`. */
export function maskedUrl(url: string | URL, alsoSecret: Iterable<string> = []): string {
  const tried = tryUrl(url)
  if (tried === undefined) return String(url).replace(/[?#].*$/s, '?…')
  const secrets = new Set([...secretParams, ...[...alsoSecret].map(canonical)])
  if (tried.password !== '') tried.password = '***'
  const query = tried.search
    .slice(1)
    .split('&')
    .map((part) => {
      const [name = '', value] = part.split('=', 2)
      return value !== undefined && secrets.has(canonical(decoded(name))) ? `${name}=***` : part
    })
    .join('&')
  tried.search = ''
  tried.hash = ''
  return query === '' ? tried.href : `${tried.href}?${query}`
}

function canonical(name: string): string {
  return name.toLowerCase().replaceAll('-', '_')
}

function tryUrl(url: string | URL): URL | undefined {
  try {
    return new URL(url)
  } catch {
    return undefined
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
