/**
 * RFC 8785 text of a value made of null, booleans, integers, strings, arrays and plain objects: keys in UTF-16 order, no
 * spaces, members that are undefined left out. One value, one encoding. Anything else in it is a bug, and thrown as one.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${Array.from(value, (item) => canonicalJson(item)).join(',')}]`
  if (isPlainObject(value)) {
    const members = Object.entries(value)
      .filter((member) => member[1] !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([key, item]) => `${canonicalString(key)}:${canonicalJson(item)}`).join(',')}}`
  }
  if (typeof value === 'string') return canonicalString(value)
  if (value === null || typeof value === 'boolean') return JSON.stringify(value)
  // Integers only: their one spelling needs none of the rules for floating point.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return JSON.stringify(value)
  throw new Error(`cannot be written as canonical JSON: ${typeof value}`)
}

/** A map, a date or bytes would silently become an object that says something else. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function canonicalString(text: string): string {
  // RFC 8785 3.2.2.2: half a surrogate pair has no UTF-8, and the strict reader would refuse it.
  if (!text.isWellFormed()) throw new Error('cannot be written as canonical JSON: half a surrogate pair')
  return JSON.stringify(text)
}

export function canonicalBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalJson(value))
}
