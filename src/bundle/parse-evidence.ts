import type { Json } from '../encoding/strict-json.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { parseDescriptor } from '../oci/manifest.js'
import type { MissingEvidence, RecordedEvidence } from './document.js'
import { fail, list, object, only, text, time } from './document-fields.js'
import { EVIDENCE_TYPES } from './layout.js'

const THUMBPRINT = /^[0-9a-f]{64}$/
const ADDRESS = /^https?:\/\/[!-~]{1,2000}$/

/** @throws ERR_BUNDLE_FORMAT, ERR_LIMIT_EXCEEDED */
export function parseEvidence(json: Json): RecordedEvidence[] {
  const entries = notEmpty(list(json, 'evidence', parseEntry), 'evidence')
  const bytes = entries.reduce((sum, { descriptor }) => sum + descriptor.size, 0)
  if (bytes > LIMITS.evidenceBytes) {
    const message = `the evidence has ${bytes} bytes, at most ${LIMITS.evidenceBytes} are read`
    throw new TransferError('ERR_LIMIT_EXCEEDED', message, { side: 'medium', subject: 'evidence' })
  }
  return entries
}

/** @throws ERR_BUNDLE_FORMAT */
export function parseMissingEvidence(json: Json): MissingEvidence[] {
  return notEmpty(list(json, 'evidenceMissing', parseMissing), 'evidenceMissing')
}

function parseEntry(json: Json): RecordedEvidence {
  const entry = object(json, 'evidence')
  only(entry, ['type', 'url', 'fetchedAt', 'thisUpdate', 'nextUpdate', 'descriptor', 'certificates'])
  const { type, url, nextUpdate } = entry
  if (type !== 'crl' && type !== 'ocsp') return fail('a type of evidence is not known')
  const named = object(entry['descriptor'], 'a descriptor of evidence')
  only(named, ['mediaType', 'digest', 'size'])
  const descriptor = parseDescriptor(named, 'a descriptor of evidence', fail)
  if (descriptor.mediaType !== EVIDENCE_TYPES[type]) fail(`evidence of the type ${type} has another media type`)
  return {
    type,
    ...(url === undefined ? {} : { url: address(url) }),
    fetchedAt: time(entry['fetchedAt'], 'fetchedAt'),
    thisUpdate: time(entry['thisUpdate'], 'thisUpdate'),
    ...(nextUpdate === undefined ? {} : { nextUpdate: time(nextUpdate, 'nextUpdate') }),
    descriptor,
    certificates: parseThumbprints(entry['certificates']),
  }
}

function parseMissing(json: Json): MissingEvidence {
  const missing = object(json, 'missing evidence')
  only(missing, ['certificate', 'subject', 'url', 'reason'])
  const { url } = missing
  return {
    certificate: thumbprint(missing['certificate']),
    subject: text(missing['subject'], 'a subject'),
    ...(url === undefined ? {} : { url: address(url) }),
    reason: text(missing['reason'], 'a reason'),
  }
}

function parseThumbprints(json: Json | undefined): string[] {
  const found = notEmpty(list(json, 'certificates', thumbprint), 'certificates')
  if (found.join() !== [...new Set(found)].sort().join()) fail('certificates are not in order, each once')
  return found
}

function thumbprint(json: Json | undefined): string {
  const found = text(json, 'a certificate')
  return THUMBPRINT.test(found) ? found : fail('a certificate is not given by its SHA-256')
}

function address(json: Json | undefined): string {
  const found = text(json, 'an address')
  return ADDRESS.test(found) ? found : fail('an address of evidence is not one of http or https')
}

/** "Nothing" has one spelling: the member is not there. */
function notEmpty<T>(found: T[], what: string): T[] {
  return found.length === 0 ? fail(`${what} is there, and empty`) : found
}
