import { expect, test } from 'vitest'
import { describe as describeBytes } from '../../src/oci/descriptor.js'
import { artifactTypeOf, parseManifest } from '../../src/oci/manifest.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'
import { ENVELOPE_JWS } from '../../src/trust/envelope/envelope.js'
import { buildSignatureManifest, SIGNATURE_TYPE } from '../../src/trust/signature-manifest.js'

const PARTS = {
  envelope: describeBytes(ENVELOPE_JWS, Buffer.from('envelope')),
  subject: describeBytes(OCI_MANIFEST, Buffer.from('waybill')),
  chain: [{ thumbprint: 'ab'.repeat(32) }, { thumbprint: 'cd'.repeat(32) }],
  createdAt: new Date('2026-11-22T12:00:00.999Z'),
}

test('is an image manifest that registries list as a Notary signature of its subject', () => {
  const manifest = parseManifest(buildSignatureManifest(PARTS), OCI_MANIFEST, 'signature')

  expect(artifactTypeOf(manifest)).toBe(SIGNATURE_TYPE)
  expect(manifest).toMatchObject({ kind: 'image', subject: PARTS.subject, layers: [PARTS.envelope] })
  expect(manifest).toMatchObject({ config: { size: 2, digest: describeBytes('', Buffer.from('{}')).digest } })
})

test('names the chain leaf first, in lower case, and the signing time in whole seconds', () => {
  const { annotations } = parseManifest(buildSignatureManifest(PARTS), OCI_MANIFEST, 'signature')

  expect(annotations).toEqual({
    'io.cncf.notary.x509chain.thumbprint#S256': `["${'ab'.repeat(32)}","${'cd'.repeat(32)}"]`,
    'org.opencontainers.image.created': '2026-11-22T12:00:00Z',
  })
})

test('has one encoding, whatever stands beside the descriptors that it is made from', () => {
  const noisy = { ...PARTS.subject, annotations: { a: 'b' }, artifactType: 'application/x' }

  expect(buildSignatureManifest({ ...PARTS, subject: noisy })).toEqual(buildSignatureManifest(PARTS))
})
