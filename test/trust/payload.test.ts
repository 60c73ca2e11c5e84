import { expect, test } from 'vitest'
import { describe as describeBytes } from '../../src/oci/descriptor.js'
import { formatPayload, parsePayload } from '../../src/trust/payload.js'

const TARGET = describeBytes('application/vnd.oci.image.manifest.v1+json', Buffer.from('{}'))
const REFUSED = expect.objectContaining({ code: 'ERR_SIGNATURE_INVALID' })

function payloadOf(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

test('reads back the descriptor that it writes', () => {
  expect(parsePayload(formatPayload(TARGET))).toEqual({ target: TARGET, metadata: {}, unknown: [] })
})

test('signs the identity of a target and nothing that stands beside it', () => {
  const annotated = { ...TARGET, annotations: { note: 'x' }, artifactType: 'application/x' }

  expect(Buffer.from(formatPayload(annotated))).toEqual(Buffer.from(formatPayload(TARGET)))
})

test('takes a payload with the annotations that other signers add', () => {
  const payload = payloadOf({ targetArtifact: { ...TARGET, annotations: { build: '7' } } })

  expect(parsePayload(payload)).toMatchObject({ target: TARGET, metadata: { build: '7' } })
})

test('signs what the signer says of the target', () => {
  expect(parsePayload(formatPayload(TARGET, { build: '7' })).metadata).toEqual({ build: '7' })
})

test('signs nothing under a key that is reserved', () => {
  expect(() => formatPayload(TARGET, { 'io.cncf.notary.x': '1' })).toThrow(
    expect.objectContaining({ code: 'ERR_USAGE' }),
  )
})

test('takes what it does not know, and names it', () => {
  const target = { ...TARGET, artifactType: 'application/x', urls: ['https://example.org'], extra: [1] }

  expect(parsePayload(payloadOf({ targetArtifact: target, note: 1 }))).toMatchObject({
    target: { ...TARGET, artifactType: 'application/x' },
    unknown: ['note'],
  })
})

test.each([
  ['no target', {}],
  ['the target under another spelling', { TargetArtifact: TARGET }],
  ['a target that is a list', { targetArtifact: [TARGET] }],
  ['no media type', { targetArtifact: { digest: TARGET.digest, size: 2 } }],
  ['a size that is text', { targetArtifact: { ...TARGET, size: '2' } }],
  ['an annotation that is no text', { targetArtifact: { ...TARGET, annotations: { build: 7 } } }],
  ['a size below nothing', { targetArtifact: { ...TARGET, size: -1 } }],
  ['a digest that is none', { targetArtifact: { ...TARGET, digest: 'sha256:0' } }],
  ['another key for the digest', { targetArtifact: { ...TARGET, Digest: TARGET.digest } }],
  ['a list', [TARGET]],
  ['null', null],
])('refuses a payload with %s', (_why, value) => {
  expect(() => parsePayload(payloadOf(value))).toThrow(REFUSED)
})

test.each([
  ['a target twice', `{"targetArtifact":${JSON.stringify(TARGET)},"targetArtifact":${JSON.stringify(TARGET)}}`],
  ['bytes after its end', `{"targetArtifact":${JSON.stringify(TARGET)}}x`],
  ['no bytes', ''],
])('refuses a payload with %s', (_why, text) => {
  expect(() => parsePayload(Buffer.from(text))).toThrow(REFUSED)
})
