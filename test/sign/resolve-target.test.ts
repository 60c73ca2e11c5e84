import { describe, expect, it } from 'vitest'
import { describe as describeBytes } from '../../src/oci/descriptor.js'
import { DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.js'
import { describeManifest, readTarget } from '../../src/sign/resolve-target.js'
import { anImage } from '../support/build.js'
import { aRepository } from '../support/bundles.js'
import { CALL } from '../support/tmp.js'

const IMAGE = anImage()

function bytesOfRoot(): Uint8Array {
  const found = IMAGE.contents.find(({ descriptor }) => descriptor.digest === IMAGE.root.digest)
  if (found === undefined) throw new Error('no root')
  return found.bytes
}

describe('the descriptor of what a registry has', () => {
  it('is that of the bytes, without what stood beside it', async () => {
    const source = await aRepository(IMAGE)

    const found = await readTarget(source, { ...IMAGE.root, annotations: { a: 'b' } }, CALL)

    expect(found).toEqual(describeBytes(OCI_MANIFEST, bytesOfRoot()))
  })

  it('is refused where the registry says another size', async () => {
    const source = await aRepository(IMAGE)

    await expect(readTarget(source, { ...IMAGE.root, size: IMAGE.root.size + 1 }, CALL)).rejects.toMatchObject({
      code: 'ERR_CONTENT_MISMATCH',
    })
  })

  it('is refused where the registry says another media type than the manifest', async () => {
    const source = await aRepository(IMAGE)

    await expect(readTarget(source, { ...IMAGE.root, mediaType: OCI_INDEX }, CALL)).rejects.toMatchObject({
      code: 'ERR_CONTENT_AMBIGUOUS',
    })
  })
})

describe('the descriptor of a manifest file', () => {
  const given = { what: 'manifest.json' }
  const untyped = Buffer.from(Buffer.from(bytesOfRoot()).toString().replace(`"mediaType":"${OCI_MANIFEST}",`, ''))

  it('has the media type that the manifest says', () => {
    expect(describeManifest(bytesOfRoot(), given)).toEqual(describeBytes(OCI_MANIFEST, bytesOfRoot()))
  })

  it('has the media type that is given, where the manifest says none', () => {
    expect(describeManifest(untyped, { ...given, mediaType: OCI_MANIFEST }).mediaType).toBe(OCI_MANIFEST)
  })

  it('is refused where nobody says the media type', () => {
    expect(() => describeManifest(untyped, given)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }))
  })

  it('is refused where the one that is given is not the manifest’s own', () => {
    expect(() => describeManifest(bytesOfRoot(), { ...given, mediaType: DOCKER_MANIFEST })).toThrow(
      expect.objectContaining({ code: 'ERR_CONTENT_AMBIGUOUS' }),
    )
  })

  it('is refused where the file is no manifest', () => {
    expect(() => describeManifest(Buffer.from('{"mediaType":"text/plain"}'), given)).toThrow(
      expect.objectContaining({ code: 'ERR_CONTENT_AMBIGUOUS' }),
    )
    expect(() => describeManifest(Buffer.from('not JSON'), given)).toThrow(
      expect.objectContaining({ code: 'ERR_JSON_INVALID' }),
    )
  })

  it('is refused where the operator means an archive, or gives a media type that no manifest has', () => {
    const tar = Buffer.concat([Buffer.alloc(257), Buffer.from('ustar\0'), Buffer.alloc(249)])
    const usage = expect.objectContaining({ code: 'ERR_USAGE', subject: 'manifest.json' })

    expect(() => describeManifest(tar, given)).toThrow(usage)
    expect(() => describeManifest(Buffer.from([0x1f, 0x8b, 8]), given)).toThrow(usage)
    expect(() => describeManifest(untyped, { ...given, mediaType: 'text/plain' })).toThrow(usage)
  })
})
