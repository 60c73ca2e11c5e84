import { describe, expect, test } from 'vitest'
import { parseManifest } from '../../../src/oci/manifest.js'
import { OCI_MANIFEST } from '../../../src/oci/media-types.js'
import { nv2Of, nv2TargetOf } from '../../../src/trust/nv2/nv2-manifest.js'
import { anArtifact, anImage, anIndex } from '../../support/build.js'
import { anNv2Signature } from '../../support/nv2.js'

function manifestIn({ root, contents }: ReturnType<typeof anImage>) {
  const bytes = contents.find(({ descriptor }) => descriptor.digest === root.digest)?.bytes ?? new Uint8Array(0)
  return parseManifest(bytes, root.mediaType, root.digest)
}

describe('a signature of the prototype in a registry', () => {
  test('is a manifest of nothing but its JWT, which says what it is about', async () => {
    const image = anImage()
    const signature = await anNv2Signature(image.root)

    const token = nv2Of(manifestIn(signature))
    const bytes = signature.contents.find(({ descriptor }) => descriptor.digest === token?.digest)?.bytes

    expect(signature.root.mediaType).toBe(OCI_MANIFEST)
    expect(bytes && nv2TargetOf(bytes)).toEqual({
      mediaType: image.root.mediaType,
      digest: image.root.digest,
      size: image.root.size,
    })
  })

  test.each([
    ['an image', anImage()],
    ['an index', anIndex([anImage()])],
    ['an artifact', anArtifact()],
  ])('is not %s', (_what, other) => {
    expect(nv2Of(manifestIn(other))).toBeUndefined()
  })
})
