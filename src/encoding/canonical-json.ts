import type { Json } from './strict-json.js'

/** A value as RFC 8785 writes it: one value, one encoding. Numbers are integers here, so no float rules are needed. */
export type Encodable =
  | null
  | boolean
  | number
  | string
  | readonly Encodable[]
  | { readonly [key: string]: Encodable | undefined }

/** RFC 8785 text: keys in UTF-16 order, no spaces; members that are undefined are left out. */
export function canonicalJson(value: Encodable | Json): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value)
      .filter((member): member is [string, Encodable] => member[1] !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new Error(`not an integer: ${value}`)
  return JSON.stringify(value)
}

export function canonicalBytes(value: Encodable | Json): Uint8Array {
  return new TextEncoder().encode(canonicalJson(value))
}
