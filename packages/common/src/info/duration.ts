const units = [
  ['year', 31_536_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/**
 * A duration in words: `1 hour, 1 minute and 1.25 seconds`, `0 seconds`; fractions only where they are not zero after
 * rounding to hundredths.
 */
export function durationText(seconds: number): string {
  const parts: string[] = []
  let rest = Math.round(seconds * 100) / 100
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size)
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`)
    rest -= count * size
  }
  rest = Math.round(rest * 100) / 100
  if (rest > 0 || parts.length === 0) {
    const text = Number.isInteger(rest) ? String(rest) : rest.toFixed(2)
    parts.push(`${text} second${text === '1' ? '' : 's'}`)
  }
  const last = parts.pop() as string
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`
}
