import { LIMITS } from '../../limits.js'
import { readOid } from '../certificate/names.js'
import { expectTag, readBoolean, sequence } from './der-values.js'

/** An extension of a list, of an entry or of a response. */
export interface ListExtension {
  readonly critical: boolean
  /** the DER inside its OCTET STRING */
  readonly value: Uint8Array
}

/**
 * Reads Extensions (RFC 5280 §4.1) by their object identifiers.
 * @throws Error for anything else, and where one of them is there twice: one reader would take the first, another the last
 */
export function readExtensionList(der: Uint8Array): ReadonlyMap<string, ListExtension> {
  const elements = sequence(der)
  if (elements.length > LIMITS.revocationExtensions) throw new Error('there are too many extensions')
  const found = new Map<string, ListExtension>()
  for (const element of elements) {
    const [type, ...parts] = sequence(element.bytes)
    const value = expectTag(parts.at(-1), 0x04)
    if (parts.length > 2) throw new Error('not an extension')
    const oid = readOid(expectTag(type, 0x06).content)
    if (found.has(oid)) throw new Error(`the extension ${oid} is there twice`)
    found.set(oid, {
      critical: parts.length === 2 && readBoolean(expectTag(parts[0], 0x01)),
      value: value.content,
    })
  }
  return found
}

/**
 * RFC 5280 §5.2: what is critical and not understood changes the meaning of everything beside it.
 * @throws Error
 */
export function refuseUnknownCritical(found: ReadonlyMap<string, ListExtension>, known: readonly string[]): void {
  for (const [oid, { critical }] of found) {
    if (critical && !known.includes(oid)) throw new Error(`the critical extension ${oid} is not known`)
  }
}
