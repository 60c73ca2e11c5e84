import { expect, test } from 'vitest'
import { describe as describeBytes } from '../../src/oci/descriptor.js'
import { formatPayload, parsePayload } from '../../src/trust/payload.js'

const TARGET = describeBytes('application/vnd.oci.image.manifest.v1+json', Buffer.from('{}'))
const REFUSED = expect.objectContaining({ code: 'ERR_SIGNATURE_INVALID' })

function payloadOf(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

test('reads back the descriptor that it writes', () => {
  expect(parsePayload(formatPayload(TARGET))).toEqual(TARGET)
})

test('signs the identity of a target and nothing that stands beside it', () => {
  const annotated = { ...TARGET, annotations: { note: 'x' }, artifactType: 'application/x' }

  expect(Buffer.from(formatPayload(annotated))).toEqual(Buffer.from(formatPayload(TARGET)))
})

test('takes a payload with the annotations that other signers add', () => {
  const payload = payloadOf({ targetArtifact: { ...TARGET, annotations: { build: '7' } } })

  expect(parsePayload(payload)).toMatchObject(TARGET)
})

test.each([
  ['no target', {}],
  ['a second member', { targetArtifact: TARGET, extra: 1 }],
  ['the target under another spelling', { TargetArtifact: TARGET }],
  ['a target that is a list', { targetArtifact: [TARGET] }],
  ['no media type', { targetArtifact: { digest: TARGET.digest, size: 2 } }],
  ['a size that is text', { targetArtifact: { ...TARGET, size: '2' } }],
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
