import { InvalidRestConfig } from '../invalid-rest-config.ts'

/** The text under a key that an auth cannot do without. @throws {InvalidRestConfig} names the key, never the value */
export function requiredText(key: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw new InvalidRestConfig(
    `The auth needs "${key}"${value === undefined || value === '' ? '' : `, a text, not a ${typeof value}`}.`,
    { key },
  )
}
