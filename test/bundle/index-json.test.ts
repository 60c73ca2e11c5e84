import { describe, expect, it } from 'vitest'
import { buildIndex } from '../../src/bundle/index-json.js'
import { WAYBILL_TYPE } from '../../src/bundle/layout.js'
import { buildWaybill } from '../../src/bundle/waybill.js'
import { describe as descriptorOf } from '../../src/oci/descriptor.js'
import { SIGNATURE_TYPE } from '../../src/trust/signature-manifest.js'
import { APP, aRelease, aRepository, planOf } from '../support/bundles.js'

const SIGNATURE = descriptorOf('application/vnd.oci.image.manifest.v1+json', new Uint8Array([1]))
const WAYBILL = buildWaybill(SIGNATURE, SIGNATURE).descriptor

interface Entry {
  readonly digest: string
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

async function indexOf() {
  const release = aRelease()
  const { contents } = await planOf({ from: { [APP]: await aRepository(release.all) }, sources: [`${APP}:1.0`] })
  const bytes = buildIndex({ ...contents, waybill: WAYBILL, signatures: [SIGNATURE] })
  const { manifests } = JSON.parse(Buffer.from(bytes).toString()) as { readonly manifests: readonly Entry[] }
  return { release, contents, manifests }
}

describe('buildIndex', () => {
  it('begins with the waybill and its signatures', async () => {
    const { manifests } = await indexOf()

    expect(manifests[0]).toMatchObject({ digest: WAYBILL.digest, artifactType: WAYBILL_TYPE })
    expect(manifests[1]).toMatchObject({ digest: SIGNATURE.digest, artifactType: SIGNATURE_TYPE })
  })

  it('names roots and cosign tags in full, for skopeo and for containerd', async () => {
    const { manifests, release } = await indexOf()

    const names = manifests.flatMap(({ digest, annotations }) => {
      const name = annotations?.['org.opencontainers.image.ref.name']
      return name === undefined || name === 'waybill' ? [] : [[digest, name, annotations?.['io.containerd.image.name']]]
    })
    const stem = `${APP}:sha256-${release.index.root.digest.slice(7)}`
    expect(names).toEqual([
      [release.index.root.digest, `${APP}:1.0`, `${APP}:1.0`],
      [release.cosign.root.digest, `${stem}.sig`, `${stem}.sig`],
      [release.attestation.root.digest, `${stem}.att`, `${stem}.att`],
    ])
  })

  it('lists every manifest once, so that tools find referrers', async () => {
    const { manifests, contents } = await indexOf()

    const expected = contents.inventory.filter(({ role }) => role === 'index' || role === 'manifest')
    const listed = manifests.slice(2).map(({ digest }) => digest)
    expect([...listed].sort()).toEqual(expected.map(({ digest }) => digest as string).sort())
  })
})
