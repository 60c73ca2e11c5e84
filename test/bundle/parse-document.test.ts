import { describe, expect, it } from 'vitest'
import { formatDocument } from '../../src/bundle/document.js'
import { parseDocument } from '../../src/bundle/parse-document.js'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import { LIMITS } from '../../src/limits.js'
import { digestOf } from '../../src/oci/digest.js'
import { OCI_INDEX } from '../../src/oci/media-types.js'

const DIGEST = digestOf(new Uint8Array([1]))
const ROOT = {
  repository: 'registry.example/team/app',
  tag: '1.0',
  descriptor: { mediaType: OCI_INDEX, digest: DIGEST, size: 7 },
  platforms: ['linux/amd64', 'linux/arm/v7'],
}
const LOOKUP = {
  repository: 'registry.example/team/app',
  subject: DIGEST,
  referrers: { result: 'found', digests: [DIGEST] },
  tags: { result: 'found', tags: [{ tag: 'sha256-1.sig', digest: DIGEST }] },
}
const OMISSION = {
  digest: DIGEST,
  size: 5,
  mediaType: 'application/octet-stream',
  parent: DIGEST,
  reason: 'platform',
  platform: 'linux/s390x',
}
const EVIDENCE = {
  type: 'crl',
  url: 'http://ca.example/list.crl?a=b',
  fetchedAt: '2026-11-20T10:00:00Z',
  thisUpdate: '2026-11-20T00:00:00Z',
  nextUpdate: '2026-11-27T00:00:00Z',
  descriptor: { mediaType: 'application/pkix-crl', digest: DIGEST, size: 300 },
  certificates: ['0'.repeat(64), 'a'.repeat(64)],
}
const RESPONSE = {
  type: 'ocsp',
  fetchedAt: '2026-11-20T10:00:00Z',
  thisUpdate: '2026-11-20T00:00:00Z',
  descriptor: { mediaType: 'application/ocsp-response', digest: DIGEST, size: 300 },
  certificates: ['a'.repeat(64)],
}
const MISSING = {
  certificate: 'a'.repeat(64),
  subject: 'CN=Acme',
  url: 'https://ca.example/ocsp',
  reason: 'it answers with the status 503',
}
const DOCUMENT = {
  version: 1,
  kind: 'full',
  createdAt: '2026-11-20T10:00:00Z',
  expiresAt: '2027-02-28T23:59:59Z',
  stream: 'acme/nightly',
  sequence: 7,
  previous: DIGEST,
  generator: 'waybill/1.2.3',
  roots: [ROOT],
  lookups: [
    LOOKUP,
    { ...LOOKUP, referrers: { result: 'none' }, tags: { result: 'could-not-ask', reason: 'no route' } },
  ],
  omissions: [OMISSION],
  evidence: [EVIDENCE, RESPONSE],
  evidenceMissing: [MISSING, { certificate: MISSING.certificate, subject: '', reason: 'it names no address' }],
  totals: { blobs: 3, bytes: 4096 },
}

function thumb(digit: string): string {
  return digit.repeat(64)
}

function parse(value: unknown) {
  return parseDocument(canonicalBytes(value))
}

function refusing(value: unknown, code = 'ERR_BUNDLE_FORMAT'): void {
  expect(() => parse(value)).toThrowError(expect.objectContaining({ code }))
}

describe('parseDocument', () => {
  it('reads a document and writes it again byte for byte', () => {
    const bytes = canonicalBytes(DOCUMENT)

    const document = parseDocument(bytes)

    expect(document).toEqual(DOCUMENT)
    expect(Buffer.from(formatDocument(document)).equals(bytes)).toBe(true)
  })

  it.each([[2], [0], ['1'], [null], [undefined], [[1]]])('does not read version %j', (version) => {
    refusing({ ...DOCUMENT, version }, 'ERR_BUNDLE_VERSION')
  })

  it.each(['incremental', 'FULL', 7, undefined])('does not read the kind %j', (kind) => {
    refusing({ ...DOCUMENT, kind })
  })

  it.each([
    '2026-11-20 10:00:00Z',
    '2026-11-20T10:00:00+01:00',
    '2026-11-20T10:00:00.000Z',
    '2026-11-20T10:00:00',
    '2026-02-30T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-11-20T25:00:00Z',
    'yesterday',
    1,
  ])('does not take %j for a time', (time) => {
    refusing({ ...DOCUMENT, createdAt: time })
    refusing({ ...DOCUMENT, expiresAt: time })
  })

  it.each([
    ['the document', { ...DOCUMENT, note: 'x' }],
    ['a root', { ...DOCUMENT, roots: [{ ...ROOT, note: 'x' }] }],
    ['a descriptor', { ...DOCUMENT, roots: [{ ...ROOT, descriptor: { ...ROOT.descriptor, urls: [] } }] }],
    ['a lookup', { ...DOCUMENT, lookups: [{ ...LOOKUP, note: 'x' }] }],
    ['an answer', { ...DOCUMENT, lookups: [{ ...LOOKUP, referrers: { result: 'none', digests: [] } }] }],
    ['an unasked answer', { ...DOCUMENT, lookups: [{ ...LOOKUP, tags: { result: 'none', reason: 'x' } }] }],
    ['an omission', { ...DOCUMENT, omissions: [{ ...OMISSION, note: 'x' }] }],
    ['the totals', { ...DOCUMENT, totals: { blobs: 1, bytes: 1, files: 1 } }],
    ['evidence', { ...DOCUMENT, evidence: [{ ...EVIDENCE, note: 'x' }] }],
    ['missing evidence', { ...DOCUMENT, evidenceMissing: [{ ...MISSING, note: 'x' }] }],
    [
      'a descriptor of evidence',
      { ...DOCUMENT, evidence: [{ ...EVIDENCE, descriptor: { ...EVIDENCE.descriptor, urls: [] } }] },
    ],
  ])('refuses a member of %s that it does not know', (_where, value) => {
    refusing(value)
  })

  it.each([
    'app',
    'registry.example',
    'registry.example/',
    'registry.example/Team/app',
    'registry.example/team//app',
    'registry.example/../app',
    'registry.example/team/app:1.0',
    'registry example/app',
    '/app',
    'registry.example:99999/app',
  ])('refuses the repository %j', (repository) => {
    refusing({ ...DOCUMENT, roots: [{ ...ROOT, repository }] })
    refusing({ ...DOCUMENT, lookups: [{ ...LOOKUP, repository }] })
  })

  it.each(['', '-x', '../x', 'a b', 'x'.repeat(129), 'ü', '1.0\n'])('refuses the tag %j', (tag) => {
    refusing({ ...DOCUMENT, roots: [{ ...ROOT, tag }] })
    refusing({
      ...DOCUMENT,
      lookups: [{ ...LOOKUP, tags: { result: 'found', tags: [{ tag, digest: DIGEST }] } }],
    })
  })

  it.each([
    `sha256:${'a'.repeat(63)}`,
    `sha256:${'a'.repeat(65)}`,
    `SHA256:${'a'.repeat(64)}`,
    `sha256:${'A'.repeat(64)}`,
    `sha256:../../../etc/passwd${'a'.repeat(45)}`,
    `md5:${'a'.repeat(32)}`,
    `${DIGEST}\n`,
    '',
  ])('refuses the digest %j, wherever it stands', (digest) => {
    refusing({ ...DOCUMENT, roots: [{ ...ROOT, descriptor: { ...ROOT.descriptor, digest } }] })
    refusing({ ...DOCUMENT, lookups: [{ ...LOOKUP, subject: digest }] })
    refusing({ ...DOCUMENT, lookups: [{ ...LOOKUP, referrers: { result: 'found', digests: [digest] } }] })
    refusing({ ...DOCUMENT, omissions: [{ ...OMISSION, parent: digest }] })
  })

  it.each([
    [[]],
    [['linux/arm/v7', 'linux/amd64']],
    [['linux/amd64', 'linux/amd64']],
    [['linux']],
    [['linux/amd64/v1/x']],
    [['Linux/amd64']],
    [[1]],
    ['linux/amd64'],
  ])('refuses the platforms %j', (platforms) => {
    refusing({ ...DOCUMENT, roots: [{ ...ROOT, platforms }] })
  })

  it.each([
    ['no roots', { ...DOCUMENT, roots: [] }],
    ['roots that are no list', { ...DOCUMENT, roots: {} }],
    ['no lookups at all', { ...DOCUMENT, lookups: undefined }],
    ['no omissions at all', { ...DOCUMENT, omissions: undefined }],
    ['a result that is not known', { ...DOCUMENT, lookups: [{ ...LOOKUP, referrers: { result: 'perhaps' } }] }],
    ['an open question without a reason', { ...DOCUMENT, lookups: [{ ...LOOKUP, tags: { result: 'could-not-ask' } }] }],
    ['an omission for a reason that is not known', { ...DOCUMENT, omissions: [{ ...OMISSION, reason: 'lost' }] }],
    ['a negative total', { ...DOCUMENT, totals: { blobs: -1, bytes: 1 } }],
    ['no generator', { ...DOCUMENT, generator: undefined }],
    ['a list', [DOCUMENT]],
    ['null', null],
  ])('refuses %s', (_name, value) => {
    refusing(value)
  })

  it.each([
    ['no evidence in a second spelling', { evidence: [] }],
    ['nothing missing in a second spelling', { evidenceMissing: [] }],
    ['evidence that is no list', { evidence: {} }],
    ['evidence of a type that is not known', { evidence: [{ ...EVIDENCE, type: 'tlog' }] }],
    ['evidence under the media type of the other', { evidence: [{ ...RESPONSE, type: 'crl' }] }],
    ['evidence about nobody', { evidence: [{ ...EVIDENCE, certificates: [] }] }],
    ['certificates in another order', { evidence: [{ ...EVIDENCE, certificates: ['b', 'a'].map(thumb) }] }],
    ['a certificate twice', { evidence: [{ ...EVIDENCE, certificates: ['a', 'a'].map(thumb) }] }],
    ['a thumbprint that is too short', { evidence: [{ ...EVIDENCE, certificates: ['a'.repeat(63)] }] }],
    ['a thumbprint in capitals', { evidenceMissing: [{ ...MISSING, certificate: 'A'.repeat(64) }] }],
    ['evidence without a time', { evidence: [{ ...EVIDENCE, fetchedAt: undefined }] }],
    ['evidence with an end that is no time', { evidence: [{ ...EVIDENCE, nextUpdate: 'never' }] }],
    ['missing evidence without a reason', { evidenceMissing: [{ ...MISSING, reason: undefined }] }],
  ])('refuses %s', (_name, change) => {
    refusing({ ...DOCUMENT, ...change })
  })

  it.each([
    'file:///etc/passwd',
    'ldap://ca.example/list',
    'ca.example/list',
    'http://',
    'http://ca.example/a b',
    'http://ca.example/\u202e',
    `http://ca.example/${'x'.repeat(2000)}`,
    '',
    7,
  ])('refuses the address %j', (url) => {
    refusing({ ...DOCUMENT, evidence: [{ ...EVIDENCE, url }] })
    refusing({ ...DOCUMENT, evidenceMissing: [{ ...MISSING, url }] })
  })

  it('refuses more evidence than is read', () => {
    const large = { ...EVIDENCE, descriptor: { ...EVIDENCE.descriptor, size: LIMITS.evidenceBytes } }

    expect(parse({ ...DOCUMENT, evidence: [large] }).evidence).toHaveLength(1)
    refusing({ ...DOCUMENT, evidence: [large, RESPONSE] }, 'ERR_LIMIT_EXCEEDED')
  })

  it('refuses more roots than the limit', () => {
    refusing({ ...DOCUMENT, roots: Array.from({ length: 20_001 }, () => ROOT) }, 'ERR_LIMIT_EXCEEDED')
  })

  it('refuses another spelling of the same document', () => {
    const text = Buffer.from(canonicalBytes(DOCUMENT)).toString()
    const spellings = [
      JSON.stringify(DOCUMENT),
      `${text}\n`,
      text.replace('"kind":"full"', '"kind":"fu\\u006cl"'),
      text.replace('{"createdAt"', '{ "createdAt"'),
    ]

    for (const spelling of spellings) {
      expect(() => parseDocument(Buffer.from(spelling))).toThrowError(
        expect.objectContaining({ code: 'ERR_BUNDLE_FORMAT' }),
      )
    }
  })

  it.each([
    ['a key twice', (text: string) => text.replace('"kind":"full"', '"kind":"full","kind":"full"')],
    ['a key in another case', (text: string) => text.replace('"kind":"full"', '"Kind":"none","kind":"full"')],
    ['more after the end', (text: string) => `${text}{}`],
    ['a byte order mark', (text: string) => `\ufeff${text}`],
    ['deep nesting', (text: string) => text.replace('"kind":"full"', `"kind":${'['.repeat(99)}${']'.repeat(99)}`)],
    ['a number beyond 2^53', (text: string) => text.replace('"bytes":4096', '"bytes":9007199254740993')],
  ])('refuses %s', (_name, change) => {
    const text = Buffer.from(canonicalBytes(DOCUMENT)).toString()

    expect(() => parseDocument(Buffer.from(change(text)))).toThrowError(
      expect.objectContaining({ code: 'ERR_JSON_INVALID' }),
    )
  })
})
