/** Where time comes from; tests pass their own. */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC, with a fraction down to the microsecond where the system gives it. */
  nowMs(): number
}

/** The machine's clock, at microsecond resolution, following adjustments of the system time. */
export const systemClock: Clock = {
  nowMs() {
    // `performance` alone would never follow the system clock, `Date` alone stops at milliseconds.
    const fine = performance.timeOrigin + performance.now()
    const coarse = Date.now()
    return Math.abs(fine - coarse) < 50 ? fine : coarse
  },
}

/** `2024-06-10T06:13:21.154069+00:00`, as dlt writes instants into its files. */
export function isoInstant(epochMs: number): string {
  const micros = Math.floor(epochMs * 1000)
  const seconds = Math.floor(micros / 1_000_000)
  const fraction = micros - seconds * 1_000_000
  const text = new Date(seconds * 1000).toISOString().slice(0, 19)
  return fraction === 0 ? `${text}+00:00` : `${text}.${String(fraction).padStart(6, '0')}+00:00`
}
