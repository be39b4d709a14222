import type { RequestSettings } from './request-settings.ts'

/** A server cannot ask for more. */
const maxRetryAfter = 300

/**
 * Seconds to wait after attempt number `attempt` (from 1): what the server's `Retry-After` asks for, up to 300, else the
 * backoff factor doubled from attempt to attempt, up to the longest delay.
 *
 * @param retryAfter  the header's value: whole seconds, or an HTTP date
 * @param nowMs  milliseconds since 1970, for dates
 */
export function retryDelay(
  attempt: number,
  retryAfter: string | null,
  settings: Pick<RequestSettings, 'requestBackoffFactor' | 'requestMaxRetryDelay'>,
  nowMs: number,
): number {
  const asked = retryAfter === null ? undefined : secondsAsked(retryAfter.trim(), nowMs)
  if (asked !== undefined) return Math.min(Math.max(asked, 0), maxRetryAfter)
  return Math.min(settings.requestBackoffFactor * 2 ** (attempt - 1), settings.requestMaxRetryDelay)
}

function secondsAsked(retryAfter: string, nowMs: number): number | undefined {
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter)
  const date = Date.parse(retryAfter)
  return Number.isNaN(date) ? undefined : (date - nowMs) / 1000
}
