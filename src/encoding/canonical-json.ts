/**
 * RFC 8785 text of a value made of null, booleans, integers, strings, arrays and plain objects: keys in UTF-16 order, no
 * spaces, members that are undefined left out. One value, one encoding. Anything else in it is a bug, and thrown as one.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter((member) => member[1] !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value)
  // Integers only: their one spelling needs none of the rules for floating point.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return JSON.stringify(value)
  throw new Error(`cannot be written as canonical JSON: ${typeof value}`)
}

export function canonicalBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalJson(value))
}
