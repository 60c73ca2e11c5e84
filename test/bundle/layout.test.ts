import { expect, it } from 'vitest'
import { EMPTY_CONFIG, EMPTY_CONFIG_BYTES, OCI_LAYOUT_BYTES } from '../../src/bundle/layout.js'
import { digestOf } from '../../src/oci/digest.js'
import { blobPath } from '../../src/oci/image-layout.js'

// Frozen: bundles that exist have these bytes.
it('has the fixed bytes of version 1', () => {
  expect(Buffer.from(OCI_LAYOUT_BYTES).toString()).toBe('{"imageLayoutVersion":"1.0.0"}')
  expect(Buffer.from(EMPTY_CONFIG_BYTES).toString()).toBe('{}')
  expect(EMPTY_CONFIG).toEqual({
    mediaType: 'application/vnd.oci.empty.v1+json',
    digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    size: 2,
  })
})

it('puts a blob below its algorithm', () => {
  const bytes = new Uint8Array(0)

  expect(blobPath(digestOf(bytes))).toMatch(/^blobs\/sha256\/[0-9a-f]{64}$/)
  expect(blobPath(digestOf(bytes, 'sha512'))).toMatch(/^blobs\/sha512\/[0-9a-f]{128}$/)
})
