const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/

/**
 * Reads an RFC 3339 time with `Z` or an offset, as signing tools write it; undefined for anything else, and for days
 * that no calendar has (`Date` would roll 30 February over into March). Fractions are kept to the millisecond.
 */
export function parseTimestamp(text: string): Date | undefined {
  const found = RFC3339.exec(text)
  if (found === null) return undefined
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const millisecond = Number((found[7] ?? '').slice(0, 3).padEnd(3, '0'))
  const [offsetHour, offsetMinute] = [Number(found[9] ?? 0), Number(found[10] ?? 0)]
  if (offsetHour > 23 || offsetMinute > 59) return undefined
  const local = new Date(0)
  local.setUTCFullYear(year, month - 1, day)
  local.setUTCHours(hour, minute, second, millisecond)
  if (!local.toISOString().startsWith(text.slice(0, 19))) return undefined
  const sign = found[8] === '-' ? -1 : 1
  return new Date(local.getTime() - sign * (offsetHour * 60 + offsetMinute) * 60_000)
}

/** RFC 3339 in UTC, whole seconds: the one spelling that this program writes. Fractions are cut off. */
export function formatTimestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
