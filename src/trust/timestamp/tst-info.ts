import { readOid } from '../certificate/names.js'
import { type DerElement, derElement, derElements } from '../der.js'
import { parseTimestamp } from '../timestamps.js'
import { DIGEST_BYTES, type DigestName, digestOf } from './digests.js'
import { invalidToken, readPart } from './fault.js'

/** What an authority says in a token (RFC 3161 §2.4.2). Worth what the signature over it is worth. */
export interface TstInfo {
  /** object identifier */
  readonly policy: string
  readonly imprint: { readonly digest: DigestName; readonly value: Uint8Array }
  readonly genTime: Date
  /** genTime minus and plus the accuracy, rounded away from genTime to whole milliseconds */
  readonly earliest: Date
  readonly latest: Date
  /** the content of its INTEGER */
  readonly nonce?: Uint8Array
}

const INTEGER = 0x02
const OCTET_STRING = 0x04
const OID = 0x06
const BOOLEAN = 0x01
const SEQUENCE = 0x30
const GENERALIZED_TIME = 0x18
const TSA = 0xa0
const EXTENSIONS = 0xa1

// ETSI EN 319 421: the baseline policy promises one second. TP "Authentic Timestamp" takes it where no accuracy is written.
const BASELINE_POLICY = '0.4.0.2023.1.1'

/**
 * Reads a TSTInfo, which must be DER.
 * @throws ERR_TIMESTAMP_INVALID
 */
export function readTstInfo(bytes: Uint8Array): TstInfo {
  return readPart('TSTInfo', () => {
    const outer = derElement(bytes)
    if (outer.tag !== SEQUENCE || outer.bytes.byteLength !== bytes.byteLength) throw new Error('not one SEQUENCE')
    const fields = new Fields(derElements(outer.content))
    const version = fields.required(INTEGER).content
    if (version.byteLength !== 1 || version[0] !== 1) throw invalidToken('has a TSTInfo of another version than 1')
    const policy = readOid(fields.required(OID).content)
    const imprint = readImprint(fields.required(SEQUENCE))
    fields.required(INTEGER)
    const moment = readGenTime(fields.required(GENERALIZED_TIME).content)
    const written = readAccuracy(fields.optional(SEQUENCE))
    fields.optional(BOOLEAN)
    const nonce = fields.optional(INTEGER)?.content
    fields.optional(TSA)
    refuseCriticalExtensions(fields.optional(EXTENSIONS))
    fields.end()
    const accuracy = written === 0 && policy === BASELINE_POLICY ? 1000 : written
    return {
      policy,
      imprint,
      genTime: new Date(moment.milliseconds),
      earliest: new Date(moment.milliseconds - accuracy),
      latest: new Date(moment.milliseconds + accuracy + (moment.cut ? 1 : 0)),
      ...(nonce === undefined ? {} : { nonce }),
    }
  })
}

/** Takes elements in the order of the definition; what is left over in the end is an error. */
class Fields {
  readonly #elements: readonly DerElement[]
  #at = 0

  constructor(elements: readonly DerElement[]) {
    this.#elements = elements
  }

  optional(tag: number): DerElement | undefined {
    const element = this.#elements[this.#at]
    if (element?.tag !== tag) return undefined
    this.#at += 1
    return element
  }

  required(tag: number): DerElement {
    const element = this.optional(tag)
    if (element === undefined) throw new Error(`no element ${tag} at ${this.#at}`)
    return element
  }

  end(): void {
    if (this.#at !== this.#elements.length) throw new Error('more elements than are defined')
  }
}

function readImprint({ content }: DerElement): TstInfo['imprint'] {
  const [algorithm, value, ...more] = derElements(content)
  if (algorithm?.tag !== SEQUENCE || value?.tag !== OCTET_STRING || more.length > 0) throw new Error('not an imprint')
  const oid = readAlgorithmOid(algorithm)
  const digest = digestOf(oid)
  if (digest === undefined)
    throw invalidToken(`is over a hash by ${oid}; only SHA-256, SHA-384 and SHA-512 are accepted`)
  if (value.content.byteLength !== DIGEST_BYTES[digest]) throw new Error('a hash of another length')
  return { digest, value: value.content }
}

/**
 * The object identifier of an AlgorithmIdentifier without parameters, or with NULL in their place.
 * @throws Error
 */
export function readAlgorithmOid({ content }: DerElement): string {
  const [oid, parameters, ...more] = derElements(content)
  const bare = parameters === undefined || (parameters.tag === 0x05 && parameters.content.byteLength === 0)
  if (oid?.tag !== OID || !bare || more.length > 0) throw new Error('not an algorithm without parameters')
  return readOid(oid.content)
}

// RFC 3161 §2.4.2: UTC, seconds always written, a fraction without zeros at its end.
const GEN_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{0,11}[1-9]))?Z$/

function readGenTime(content: Uint8Array): { readonly milliseconds: number; readonly cut: boolean } {
  const [, year, month, day, hour, minute, second, fraction = ''] =
    GEN_TIME.exec(Buffer.from(content).toString('latin1')) ?? []
  const whole = parseTimestamp(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  if (whole === undefined) throw invalidToken('has a genTime that is no moment in UTC')
  return { milliseconds: whole.getTime() + Number(fraction.slice(0, 3).padEnd(3, '0')), cut: fraction.length > 3 }
}

/** Milliseconds, rounded up; 0 for none. */
function readAccuracy(element: DerElement | undefined): number {
  if (element === undefined) return 0
  const fields = new Fields(derElements(element.content))
  const seconds = readCount(fields.optional(INTEGER), 0x7fffffff)
  const millis = readCount(fields.optional(0x80), 999)
  const micros = readCount(fields.optional(0x81), 999)
  fields.end()
  return seconds * 1000 + millis + (micros > 0 ? 1 : 0)
}

// A library's number of an INTEGER that is too long for it is 0: the widest interval would become the narrowest.
function readCount(element: DerElement | undefined, max: number): number {
  if (element === undefined) return 0
  const { content } = element
  const value = content.reduce((sum, octet) => sum * 256 + octet, 0)
  const negative = (content[0] ?? 0x80) >= 0x80
  if (negative || content.byteLength > 4 || value > max) throw invalidToken('has an accuracy that cannot be')
  return value
}

// Nobody defines any: what an authority calls essential and we do not know could take back everything else it says.
function refuseCriticalExtensions(element: DerElement | undefined): void {
  if (element === undefined) return
  for (const { content } of derElements(element.content)) {
    const [oid, critical] = derElements(content)
    if (oid?.tag !== OID) throw new Error('not an extension')
    if (critical?.tag === BOOLEAN && critical.content[0] !== 0) {
      throw invalidToken(`has a critical extension ${readOid(oid.content)}, which is not known`)
    }
  }
}
