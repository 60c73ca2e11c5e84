import { LIMITS } from '../../limits.js'
import { derElement } from '../der.js'
import { expectTag, readTime } from './der-values.js'
import { derOf } from './der-write.js'
import { readExtensionList, refuseUnknownCritical } from './extension-list.js'
import { REMOVE_FROM_CRL, type Revoked } from './revoked.js'

const UTC_TIME = 0x17
const REASON_CODE = '2.5.29.21'
const INVALIDITY_DATE = '2.5.29.24'
const CERTIFICATE_ISSUER = '2.5.29.29'

/**
 * Walks through all entries of a list once (RFC 5280 §5.1.2.6). One that cannot be read makes the whole list unusable:
 * "the application MUST NOT use that CRL to determine the status of any certificates" (§5.3).
 * @param entries the content of the SEQUENCE of entries
 * @param delta only a delta list may take a certificate out of a list
 * @throws Error with the reason
 */
export function checkEntries(entries: Uint8Array, delta: boolean): void {
  let count = 0
  walk(entries, (entry) => {
    count += 1
    if (count > LIMITS.crlEntries) throw new Error('it has too many entries')
    refusePadding(entries, entry)
    refuseOddTime(entries, entry)
    const { reason } = readEntryExtensions(entries.subarray(entry.extensionsAt, entry.end))
    if (reason === REMOVE_FROM_CRL && !delta) throw new Error('it removes a certificate, and is no delta list')
  })
}

/**
 * The entries of one certificate; more than one where the list is odd.
 * @param serialNumber the content of the INTEGER
 */
export function entriesOf(entries: Uint8Array, serialNumber: Uint8Array): readonly Revoked[] {
  // Most certificates are in no list, and whether these bytes occur at all is known in no time.
  const haystack = Buffer.from(entries.buffer, entries.byteOffset, entries.byteLength)
  const serial = derOf(0x02, serialNumber)
  if (haystack.indexOf(serial) < 0) return []
  const found: Revoked[] = []
  walk(entries, (entry) => {
    const same = haystack.compare(serial, 0, serial.byteLength, entry.contentAt, entry.timeAt) === 0
    if (same) found.push(readEntry(entries, entry))
  })
  return found
}

/** Where the parts of an entry lie. */
interface Entry {
  readonly contentAt: number
  readonly timeAt: number
  readonly extensionsAt: number
  readonly end: number
}

// A list of a hundred thousand entries is walked without making an object for each element: positions are enough.
function walk(entries: Uint8Array, visit: (entry: Entry) => void): void {
  for (let at = 0; at < entries.byteLength; ) {
    const end = endOf(entries, at, 0x30, entries.byteLength)
    const contentAt = contentOf(entries, at)
    const timeAt = endOf(entries, contentAt, 0x02, end)
    const extensionsAt = endOf(entries, timeAt, entries[timeAt] === 0x18 ? 0x18 : 0x17, end)
    if (extensionsAt < end && endOf(entries, extensionsAt, 0x30, end) !== end) throw new Error('an entry is malformed')
    visit({ contentAt, timeAt, extensionsAt, end })
    at = end
  }
}

/** Where an element's content begins. */
function contentOf(bytes: Uint8Array, at: number): number {
  const first = bytes[at + 1] ?? 0
  return first < 0x80 ? at + 2 : at + 2 + (first & 0x7f)
}

/** Where the element that begins here, of this tag, ends: not behind `limit`. */
function endOf(bytes: Uint8Array, at: number, tag: number, limit: number): number {
  const first = bytes[at + 1] ?? 0x80
  if (bytes[at] !== tag || at + 2 > limit) throw new Error('an entry is malformed')
  const end = first < 0x80 ? at + 2 + first : at + derElement(bytes.subarray(at, limit)).bytes.byteLength
  if (end > limit) throw new Error('an entry is malformed')
  return end
}

/** Other readers take a padded number for the same number; this one compares bytes. */
function refusePadding(bytes: Uint8Array, { contentAt, timeAt }: Entry): void {
  const at = contentOf(bytes, contentAt)
  const [first = 0, second = 0] = [bytes[at], bytes[at + 1]]
  const padded = timeAt - at > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))
  if (timeAt === at || padded) throw new Error('the number of an entry is malformed')
}

/** Digits and a `Z`, with seconds (RFC 5280 §5.1.2.6): no date is made of each of a hundred thousand. */
function refuseOddTime(bytes: Uint8Array, { timeAt, extensionsAt }: Entry): void {
  const at = contentOf(bytes, timeAt)
  const last = extensionsAt - 1
  let odd = last - at !== (bytes[timeAt] === UTC_TIME ? 12 : 14) || bytes[last] !== 0x5a
  for (let digit = at; digit < last; digit += 1) {
    const octet = bytes[digit] ?? 0
    odd ||= octet < 0x30 || octet > 0x39
  }
  if (odd) throw new Error('the time of an entry is malformed')
}

function readEntry(bytes: Uint8Array, { timeAt, extensionsAt, end }: Entry): Revoked {
  const since = readTime(derElement(bytes.subarray(timeAt, extensionsAt)))
  return { since, ...readEntryExtensions(bytes.subarray(extensionsAt, end)) }
}

/**
 * Reads what extensions say of a revocation, in an entry or in a single response.
 * @param der Extensions, or nothing
 */
export function readEntryExtensions(der: Uint8Array): Omit<Revoked, 'since'> {
  if (der.byteLength === 0) return { reason: 0, invalidFrom: undefined }
  const plain = plainReason(der)
  if (plain !== undefined) return { reason: knownReason(plain), invalidFrom: undefined }
  const found = readExtensionList(der)
  // An entry that may be about a certificate of another issuer belongs to an indirect list.
  if (found.has(CERTIFICATE_ISSUER)) throw new Error('an entry names another issuer')
  refuseUnknownCritical(found, [REASON_CODE, INVALIDITY_DATE])
  const reason = found.get(REASON_CODE)
  return {
    reason: reason === undefined ? 0 : readReason(reason.value),
    invalidFrom: readInvalidity(found.get(INVALIDITY_DATE)?.value),
  }
}

/** The reason, where `der` is the one common form of an entry's extensions: a reason code that is not critical. */
function plainReason(der: Uint8Array): number | undefined {
  if (der.byteLength !== PLAIN.byteLength + 1) return undefined
  for (let at = 0; at < PLAIN.byteLength; at += 1) if (der[at] !== PLAIN[at]) return undefined
  return der[PLAIN.byteLength]
}

const PLAIN = Uint8Array.of(0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01)

/** A CRLReason (RFC 5280 §5.3.1) from the DER of its ENUMERATED. */
export function readReason(der: Uint8Array): number {
  const element = derElement(der)
  const [reason] = expectTag(element, 0x0a).content
  if (reason === undefined || element.bytes.byteLength !== 3 || der.byteLength !== 3) throw new Error('not a reason')
  return knownReason(reason)
}

function knownReason(reason: number): number {
  if (reason > 10 || reason === 7) throw new Error(`the reason ${reason} is not known`)
  return reason
}

/** One that cannot be read is none: then nothing excuses what was signed before. */
function readInvalidity(der: Uint8Array | undefined): Date | undefined {
  if (der === undefined) return undefined
  try {
    return readTime(derElement(der))
  } catch {
    return undefined
  }
}
