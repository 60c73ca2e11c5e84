import { describe, expect, test } from 'vitest'
import { memoryStore } from '../../src/content/memory.js'
import { notarySignatures } from '../../src/content/notary-signatures.js'
import type { ContentSource } from '../../src/content/store.js'
import { TransferError } from '../../src/errors.js'
import { LIMITS } from '../../src/limits.js'
import { bare, type Descriptor } from '../../src/oci/descriptor.js'
import {
  NOTARY_COSE,
  NOTARY_JWS,
  NOTARY_SIGNATURE,
  OCI_EMPTY,
  OCI_INDEX,
  OCI_MANIFEST,
} from '../../src/oci/media-types.js'
import { anArtifact, anImage, type Built, built, content, json } from '../support/build.js'
import { CALL } from '../support/tmp.js'

const IMAGE = anImage({ seed: 'signed' })
const OTHER = anImage({ seed: 'another' })
const EMPTY = content(OCI_EMPTY, Buffer.from('{}'))
const ENVELOPE = content(NOTARY_JWS, Buffer.from('{"payload":"x"}'))

/** A signature manifest, as right or wrong as the members given make it. */
function signature(members: Readonly<Record<string, unknown>> = {}): Built {
  const manifest = json(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: NOTARY_SIGNATURE,
    config: EMPTY.descriptor,
    layers: [ENVELOPE.descriptor],
    subject: bare(IMAGE.root),
    ...members,
  })
  return built(manifest.descriptor, [EMPTY, ENVELOPE, manifest])
}

async function found(...referrers: readonly Built[]) {
  const store = memoryStore()
  for (const one of [IMAGE, OTHER, ...referrers]) await one.into(store)
  // Said of a subject by whoever keeps the list, true or not.
  const source: ContentSource = {
    resolve: store.resolve.bind(store),
    fetch: store.fetch.bind(store),
    async *referrers() {
      for (const { root } of referrers) yield root
    },
  }
  return await notarySignatures(source, IMAGE.root, CALL)
}

describe('the Notary signatures of an artifact', () => {
  test('are found in the two forms that the specification has, in both kinds of envelope', async () => {
    const config = content(NOTARY_SIGNATURE, Buffer.from('{}'))
    const legacy = signature({ artifactType: undefined, config: config.descriptor })
    const cose = content(NOTARY_COSE, Buffer.from([0xd2]))
    const other = signature({ layers: [cose.descriptor] })
    const all = [
      signature(),
      built(legacy.root, [config, ...legacy.contents]),
      built(other.root, [cose, ...other.contents]),
    ]

    const signatures = await found(...all)

    expect(signatures).toMatchObject([
      { kind: 'envelope', type: NOTARY_JWS, signature: all[0]?.root.digest },
      { kind: 'envelope', type: NOTARY_JWS, signature: all[1]?.root.digest },
      { kind: 'envelope', type: NOTARY_COSE, signature: all[2]?.root.digest },
    ])
    const [first] = signatures
    expect(first?.kind === 'envelope' && Buffer.from(await first.read()).toString()).toBe('{"payload":"x"}')
  })

  test('are what their manifests say, whatever a list says of their type', async () => {
    const sbom = anArtifact({ subject: IMAGE })
    const lying = built({ ...sbom.root, artifactType: NOTARY_SIGNATURE }, sbom.contents)
    const hidden = signature()
    const disguised = built({ ...hidden.root, artifactType: 'application/spdx+json' }, hidden.contents)

    expect(await found(lying, disguised)).toMatchObject([{ kind: 'envelope', signature: hidden.root.digest }])
  })

  test.each<[string, Built]>([
    ['about another subject', signature({ subject: bare(OTHER.root) })],
    ['about nothing', signature({ subject: undefined })],
    [
      'whose own type is another one, and only the config’s is that of signatures',
      signature({
        artifactType: 'application/spdx+json',
        config: { ...EMPTY.descriptor, mediaType: NOTARY_SIGNATURE },
      }),
    ],
    ['of a type in other letters', signature({ artifactType: NOTARY_SIGNATURE.toUpperCase() })],
  ])('are none %s', async (_what, one) => {
    expect(await found(one)).toEqual([])
  })

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['no layer', { layers: [] }],
    ['two layers', { layers: [ENVELOPE.descriptor, ENVELOPE.descriptor] }],
    ['a layer that is no envelope', { layers: [{ ...ENVELOPE.descriptor, mediaType: 'application/jose' }] }],
    [
      'a layer of a type in other letters',
      { layers: [{ ...ENVELOPE.descriptor, mediaType: 'application/JOSE+json' }] },
    ],
    ['an envelope beyond the limit', { layers: [{ ...ENVELOPE.descriptor, size: LIMITS.envelopeBytes + 1 }] }],
  ])('are malformed with %s, and shown as that', async (_what, members) => {
    const one = signature(members)

    expect(await found(one)).toEqual([{ kind: 'malformed', signature: one.root.digest, why: expect.any(String) }])
  })

  test('may have an envelope of as many bytes as the limit says', async () => {
    const large = content(NOTARY_JWS, Buffer.alloc(LIMITS.envelopeBytes, 0x20))
    const one = signature({ layers: [large.descriptor] })

    expect(await found(built(one.root, [large, ...one.contents]))).toMatchObject([{ kind: 'envelope' }])
  })

  test('are none where a manifest can be read in two ways, or is none: the closure of a bundle has refused it before', async () => {
    const twice = Buffer.from('{"schemaVersion":2,"schemaVersion":2}')
    const folded = Buffer.from('{"schemaVersion":2,"Layers":[]}')
    for (const bytes of [twice, folded]) {
      const one = content(OCI_MANIFEST, bytes)
      const store = memoryStore()
      store.hold(one.descriptor, bytes)
      const source: ContentSource = {
        resolve: store.resolve.bind(store),
        fetch: store.fetch.bind(store),
        async *referrers() {
          yield one.descriptor
        },
      }
      expect(await notarySignatures(source, IMAGE.root, CALL)).toEqual([])
    }
  })

  test('are malformed in an index', async () => {
    const members = { schemaVersion: 2, mediaType: OCI_INDEX, artifactType: NOTARY_SIGNATURE, manifests: [] }
    const index = json(OCI_INDEX, { ...members, subject: bare(IMAGE.root) })

    expect(await found(built(index.descriptor, [index]))).toMatchObject([{ kind: 'malformed' }])
  })

  test('do not carry what somebody writes into a type to the screen', async () => {
    const layer: Descriptor = { ...ENVELOPE.descriptor, mediaType: `application/${'x'.repeat(120)}` }

    const [one] = await found(signature({ layers: [layer] }))

    expect(one?.kind === 'malformed' && one.why.length).toBeLessThan(200)
  })

  test('are each shown once, however often a list has them', async () => {
    const one = signature()

    expect(await found(one, one, one)).toHaveLength(1)
  })

  test('are not "none" where the list could not be had', async () => {
    const source: ContentSource = {
      ...memoryStore(),
      // biome-ignore lint/correctness/useYield: it fails before there is anything
      async *referrers() {
        throw new TransferError('ERR_SOURCE_UNREACHABLE', 'no answer')
      },
    }

    await expect(notarySignatures(source, IMAGE.root, CALL)).rejects.toMatchObject({ code: 'ERR_SOURCE_UNREACHABLE' })
  })

  test('whose envelope is not what its digest says are told of when it is read', async () => {
    const one = signature({ layers: [{ ...ENVELOPE.descriptor, size: ENVELOPE.descriptor.size + 1 }] })

    const [first] = await found(one)

    await expect(first?.kind === 'envelope' && first.read()).rejects.toBeInstanceOf(TransferError)
  })
})
