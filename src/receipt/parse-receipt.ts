import { isSequence, isStreamName } from '../bundle/stream.js'
import { canonicalJson } from '../encoding/canonical-json.js'
import { type Json, type JsonObject, parseStrictJson } from '../encoding/strict-json.js'
import { hasCode } from '../errors.js'
import { LIMITS } from '../limits.js'
import { algorithmOf, type Digest } from '../oci/digest.js'
import { isRegistryHost, isRepositoryName } from '../oci/reference.js'
import { count, digest, list, object, oneOf, optional, refuse, text, time } from './fields.js'
import {
  RECEIPT_VERSION,
  type Receipt,
  type ReceiptBundle,
  type ReceiptCheck,
  type ReceiptCounts,
  type ReceiptRoot,
} from './receipt.js'

const MEMBERS = [
  ...['version', 'waybill', 'bundle', 'result', 'verifiedAt', 'finishedAt', 'target', 'generator', 'policy'],
  ...['allowedRollback', 'checks', 'roots', 'held', 'counts'],
]
const RESULTS = ['loaded', 'partial', 'refused'] as const

/**
 * Reads the document of a receipt strictly: what it does not know it refuses, and one receipt has one encoding. Nothing
 * that it returns may be believed before `verifyReceipt`.
 * @throws ERR_RECEIPT_INVALID
 */
export function parseReceipt(bytes: Uint8Array): Receipt {
  if (bytes.byteLength > LIMITS.receiptBytes) refuse(`it has more than ${LIMITS.receiptBytes} bytes`)
  const json = object(strictJson(bytes, 'the receipt'), 'it', MEMBERS)
  if (json['version'] !== RECEIPT_VERSION) refuse(`it is not of version ${RECEIPT_VERSION}, which this program reads`)
  const waybill = object(json['waybill'], 'waybill', ['digest', 'size'])
  const receipt: Receipt = {
    version: RECEIPT_VERSION,
    waybill: { digest: sha256(waybill['digest'], 'waybill'), size: count(waybill['size'], 'the waybill’s size') },
    bundle: parseBundle(json['bundle']),
    result: oneOf(json['result'], 'result', RESULTS),
    verifiedAt: time(json['verifiedAt'], 'verifiedAt'),
    finishedAt: time(json['finishedAt'], 'finishedAt'),
    target: parseTarget(json['target']),
    generator: text(json['generator'], 'generator'),
    ...optional(json, 'policy', digest),
    ...optional(json, 'allowedRollback', text),
    checks: list(json['checks'], 'checks', parseCheck),
    roots: list(json['roots'], 'roots', parseRoot),
    held: parseHeld(json['held']),
    counts: parseCounts(json['counts']),
  }
  requireAgreement(receipt)
  // RFC 8785: another spelling would be a second receipt with the same meaning.
  if (canonicalJson(json) !== Buffer.from(bytes).toString('utf8')) refuse('it is not in canonical form')
  return receipt
}

/** Strict JSON, with the error of a receipt. @throws ERR_RECEIPT_INVALID */
export function strictJson(bytes: Uint8Array, what: string): Json {
  try {
    return parseStrictJson(bytes, what)
  } catch (cause) {
    if (!hasCode(cause, 'ERR_JSON_INVALID')) throw cause
    return refuse(cause.message, cause)
  }
}

function parseBundle(json: Json | undefined): ReceiptBundle {
  const bundle = object(json, 'bundle', ['createdAt', 'stream', 'sequence', 'previous', 'signers'])
  const { stream, sequence } = bundle
  if ((stream === undefined) !== (sequence === undefined)) refuse('it has a stream or a sequence, and not both')
  return {
    createdAt: time(bundle['createdAt'], 'createdAt'),
    ...optional(bundle, 'stream', (one) =>
      typeof one === 'string' && isStreamName(one) ? one : refuse('stream is no name of a stream'),
    ),
    ...optional(bundle, 'sequence', (one) => (isSequence(one) ? one : refuse('sequence is no number from 1 up'))),
    ...optional(bundle, 'previous', digest),
    signers: list(bundle['signers'], 'signers', (one) => {
      const signer = object(one, 'a signer', ['subject', 'rootThumbprint'])
      return {
        subject: text(signer['subject'], 'a signer’s subject'),
        rootThumbprint: text(signer['rootThumbprint'], 'a signer’s root'),
      }
    }),
  }
}

function parseTarget(json: Json | undefined): Receipt['target'] {
  const target = object(json, 'target', ['registry', 'prefix'])
  const registry = text(target['registry'], 'registry')
  if (!isRegistryHost(registry)) refuse('registry is no host')
  return {
    registry,
    ...optional(target, 'prefix', (one) =>
      typeof one === 'string' && isRepositoryName(one) ? one : refuse('prefix is no repository'),
    ),
  }
}

function parseCheck(json: Json): ReceiptCheck {
  const check = object(json, 'a check', ['name', 'subject', 'result', 'detail', 'code'])
  return {
    name: text(check['name'], 'a check’s name'),
    subject: text(check['subject'], 'a check’s subject'),
    result: oneOf(check['result'], 'a check’s result', ['pass', 'fail', 'logged', 'not-applicable']),
    detail: text(check['detail'], 'a check’s detail'),
    ...optional(check, 'code', text),
  }
}

const ROOT = ['source', 'digest', 'ruling', 'rule', 'because', 'target', 'change', 'was', 'countersignature']

/** A waybill is always named so; the compact form has room for nothing else. */
function sha256(json: Json | undefined, what: string): Digest {
  const found = digest(json, what)
  return algorithmOf(found) === 'sha256' ? found : refuse(`${what} is not named by its SHA-256`)
}

type Change = NonNullable<ReceiptRoot['change']>

function parseRoot(json: Json): ReceiptRoot {
  const root = object(json, 'a root', ROOT)
  const ruling = oneOf(root['ruling'], 'a ruling', ['admitted', 'refused'])
  const foreign = ruling === 'refused' ? ['target', 'change', 'was', 'countersignature'] : ['because']
  const odd = foreign.find((key) => root[key] !== undefined)
  if (odd !== undefined) refuse(`a root that is ${ruling} has ${odd}`)
  return {
    source: text(root['source'], 'a source'),
    digest: digest(root['digest'], 'a root'),
    ruling,
    ...optional(root, 'rule', text),
    ...(ruling === 'refused' ? { because: parseReasons(root) } : { target: text(root['target'], 'a target') }),
    ...optional(root, 'change', (one, what) => oneOf<Change>(one, what, ['new', 'same', 'moved'])),
    ...optional(root, 'was', text),
    ...optional(root, 'countersignature', digest),
  }
}

function parseReasons(root: JsonObject) {
  const reasons = list(root['because'], 'because', (one) => {
    const reason = object(one, 'a reason', ['detail', 'code'])
    return { detail: text(reason['detail'], 'a reason'), ...optional(reason, 'code', text) }
  })
  return reasons.length > 0 ? reasons : refuse('a root is refused without a reason')
}

function parseHeld(json: Json | undefined): Digest[] {
  const held = list(json, 'held', (one) => digest(one, 'what is held'))
  if (held.length > LIMITS.graphNodes) refuse(`it lists more than ${LIMITS.graphNodes} digests`)
  const first = held.findIndex((one, at) => at > 0 && one <= (held[at - 1] ?? ''))
  return first < 0 ? held : refuse('held is not in order, each once')
}

function parseCounts(json: Json | undefined): Receipt['counts'] {
  const counts = object(json, 'counts', ['blobs', 'manifests'])
  const one = (key: string): ReceiptCounts => {
    const found = object(counts[key], key, ['copied', 'present', 'mounted'])
    const number = (what: keyof ReceiptCounts): number => count(found[what], what)
    return { copied: number('copied'), present: number('present'), mounted: number('mounted') }
  }
  return { blobs: one('blobs'), manifests: one('manifests') }
}

/** A receipt that contradicts itself would be read in two ways: by its result, and by its roots. */
function requireAgreement({ result, roots, held }: Receipt): void {
  if (roots.length === 0 || roots.length > LIMITS.roots) refuse('it has no roots, or too many')
  if (result !== resultOf(roots)) refuse(`it says ${result}, and its roots say ${resultOf(roots)}`)
  const known = new Set<string>(held)
  const missing = roots.find(({ ruling, digest: root }) => ruling === 'admitted' && !known.has(root))
  if (missing !== undefined) refuse(`it admits ${missing.digest}, and does not hold it`)
  if (result === 'refused' && held.length > 0) refuse('it refuses everything, and holds something')
}

/** What the rulings come to. */
export function resultOf(roots: readonly Pick<ReceiptRoot, 'ruling'>[]): Receipt['result'] {
  const admitted = roots.filter(({ ruling }) => ruling === 'admitted').length
  if (admitted === 0) return 'refused'
  return admitted === roots.length ? 'loaded' : 'partial'
}
