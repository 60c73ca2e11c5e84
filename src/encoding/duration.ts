const DURATION = /^(?:(\d{1,6})d)?(?:(\d{1,8})h)?(?:(\d{1,9})m)?(?:(\d{1,10})s)?$/
const SECONDS = [86_400, 3_600, 60, 1] as const
/** a hundred years: further away nothing is a date that all programs can write */
const MAX_SECONDS = 36_525 * 86_400

/**
 * Milliseconds of a span of time as people write it: `30d`, `12h`, `90m`, `1d12h`; a day has 24 hours. Undefined for
 * anything else, for nothing at all, and for more than a hundred years.
 */
export function parseDuration(text: string): number | undefined {
  const found = DURATION.exec(text)
  if (found === null) return undefined
  const seconds = SECONDS.reduce((sum, unit, at) => sum + unit * Number(found[at + 1] ?? 0), 0)
  return seconds > 0 && seconds <= MAX_SECONDS ? seconds * 1000 : undefined
}

/** A span of time as people read it, never shorter than it is: `40 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`. */
export function formatDuration(ms: number): string {
  const seconds = Math.ceil(Math.max(0, ms) / 1000)
  const [days, hours, minutes] = [86_400, 3_600, 60].map((unit) => Math.floor(seconds / unit))
  if (days) return `${days} d ${(hours ?? 0) % 24} h`
  if (hours) return `${hours} h ${(minutes ?? 0) % 60} min`
  return minutes ? `${minutes} min ${seconds % 60} s` : `${seconds} s`
}
