import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openBundle } from '../../../src/bundle/reader.js'
import type { TransferEvent } from '../../../src/events.js'
import type { EvidenceOptions } from '../../../src/export/evidence/gather.js'
import { parseSource } from '../../../src/export/request.js'
import { planRequest } from '../../../src/export/run.js'
import { carriedEvidence } from '../../../src/import/carried-evidence.js'
import { loadSigner } from '../../../src/trust/key/signer.js'
import type { Evidence } from '../../../src/trust/revocation/revocation.js'
import { anArtifact, anImage, together } from '../../support/build.js'
import { APP, aRepository, type ExportSpec, exportOptions, exportTo, judge, opened } from '../../support/bundles.js'
import { MADE_AT, VERIFIED_AT } from '../../support/clock.js'
import { anExchange, aSignature, aSigner } from '../../support/evidence.js'
import { crlOf, crlSource, ocspOf, ocspSource } from '../../support/revocation.js'
import { scriptedRegistry } from '../../support/scripted-registry.js'
import { CALL, tmpFolder } from '../../support/tmp.js'

/** A signed image, and a server that answers for its signer. */
async function aSignedImage() {
  const server = await scriptedRegistry()
  const signer = await aSigner([crlSource(`${server.url}/list.crl`), ocspSource(`${server.url}/ocsp`)])
  const crl = crlOf(signer.root)
  const ocsp = ocspOf({ subject: signer.leaf, issuer: signer.root })
  server.on('GET /list.crl', { status: 200, body: crl.der })
  server.on('POST /ocsp', { status: 200, body: ocsp.der })
  const image = anImage().tagged('1.0')
  const signature = await aSignature(image, signer)
  const spec: ExportSpec = {
    from: { [APP]: await aRepository(together(image, signature)) },
    sources: [`${APP}:1.0`],
    evidence: asking(),
  }
  return { server, signer, crl, ocsp, image, signature, spec }
}

function asking(given: Partial<EvidenceOptions> = {}): EvidenceOptions {
  return { files: [], required: false, now: () => MADE_AT, exchange: anExchange(), ...given }
}

async function outputPath(): Promise<string> {
  return join(await tmpFolder(), 'bundle.tar')
}

describe('an export of something signed', () => {
  it('carries the evidence, between the manifests and everything else, and verifies', async () => {
    const { crl, ocsp, spec } = await aSignedImage()
    const path = await outputPath()

    await exportTo(path, spec)

    expect(await judge(path)).toEqual({ verdict: 'verified' })
    const bundle = await opened(path)
    const roles = bundle.inventory.map(({ role }) => role)
    expect(roles.slice(0, 4)).toEqual(['manifest', 'manifest', 'evidence', 'evidence'])
    expect(roles.slice(4)).not.toContain('evidence')
    const carried = await carriedEvidence(bundle, CALL)
    // Their order follows their digests, which are others each time.
    const texts = (all: readonly Evidence[]) =>
      all.map(({ kind, der }) => `${kind} ${Buffer.from(der).toString('hex')}`).sort()
    expect(texts(carried)).toEqual(texts([crl, ocsp]))
    expect(carried.map(({ url }) => url)).toEqual(bundle.document.evidence?.map(({ url }) => url))
  })

  it('is dated when all evidence is there, which is then in force when the bundle is made', async () => {
    const { spec } = await aSignedImage()
    let hour = 0
    const createdAt = (): Date => {
      hour += 1
      return new Date(MADE_AT.getTime() + hour * 3_600_000)
    }

    const { contents } = await planRequest(
      { sources: spec.sources.map(parseSource), allowUnknownReferrers: false },
      { ...exportOptions(spec), createdAt },
    )

    expect(contents.document.createdAt).toBe('2026-11-20T11:00:00Z')
    expect(contents.document.evidence?.map(({ fetchedAt }) => fetchedAt)).toEqual([
      contents.document.createdAt,
      contents.document.createdAt,
    ])
  })

  it('is the same, byte for byte, where the answers are', async () => {
    const { spec } = await aSignedImage()
    const [one, other] = [await outputPath(), await outputPath()]

    await exportTo(one, { ...spec, signer: undefined, concurrency: 1 })
    await exportTo(other, { ...spec, signer: undefined, concurrency: 6 })

    expect(Buffer.compare(await readFile(one), await readFile(other))).toBe(0)
  })

  it('says what could not be had, and goes on', async () => {
    const { server, signer, spec } = await aSignedImage()
    server.on('POST /ocsp', { status: 503 })
    const path = await outputPath()
    const events: TransferEvent[] = []

    await exportTo(path, { ...spec, events })

    const { document } = await opened(path)
    expect(document.evidence).toHaveLength(1)
    expect(document.evidenceMissing).toEqual([
      {
        certificate: signer.leaf.certificate.thumbprint,
        subject: signer.leaf.certificate.subject,
        url: `${server.url}/ocsp`,
        reason: 'it answers with the status 503',
      },
    ])
    expect(events).toContainEqual(expect.objectContaining({ type: 'warning', code: 'evidence-missing' }))
    expect(events.flatMap((event) => (event.type === 'stage-started' ? [event.stage] : []))).toEqual([
      'pin',
      'walk',
      'evidence',
      'write',
      'seal',
    ])
    expect(await judge(path)).toEqual({ verdict: 'verified' })
  })

  it('writes nothing where evidence is required and cannot be had', async () => {
    const { server, spec } = await aSignedImage()
    await server.close()
    const path = await outputPath()

    const work = exportTo(path, { ...spec, evidence: asking({ required: true }) })

    await expect(work).rejects.toMatchObject({ code: 'ERR_EVIDENCE_MISSING' })
    expect(await readdir(dirname(path))).toEqual([])
  })

  it('carries evidence that is content too once, where the content lies', async () => {
    const { crl, image, signature, spec } = await aSignedImage()
    const published = anArtifact({
      subject: image,
      artifactType: 'application/x.crl',
      mediaType: 'application/pkix-crl',
      bytes: crl.der,
    })
    const from = { [APP]: await aRepository(together(image, signature, published)) }
    const path = await outputPath()

    await exportTo(path, { ...spec, from })

    const bundle = await opened(path)
    const lists = bundle.inventory.filter(({ mediaType }) => mediaType === 'application/pkix-crl')
    expect(lists.map(({ role }) => role)).toEqual(['layer'])
    expect(await carriedEvidence(bundle, CALL)).toHaveLength(2)
    expect(await judge(path)).toEqual({ verdict: 'verified' })
  })

  it('carries evidence about whoever signs the bundle', async () => {
    const { server, signer, spec } = await aSignedImage()
    const image = anImage().tagged('1.0')
    const path = await outputPath()
    const exporter = loadSigner(signer.leaf.keyPem, signer.pem, MADE_AT)

    await exportTo(path, { ...spec, from: { [APP]: await aRepository(image) }, signer: exporter })

    const trust = { anchors: [signer.root.certificate], now: VERIFIED_AT }
    expect(server.requests).toHaveLength(2)
    expect((await opened(path)).document.evidence).toHaveLength(2)
    expect(await judge(path, trust)).toEqual({ verdict: 'verified' })
  })

  it('says nothing about evidence where nothing is signed', async () => {
    const { spec } = await aSignedImage()
    const path = await outputPath()

    await exportTo(path, { ...spec, from: { [APP]: await aRepository(anImage().tagged('1.0')) } })

    const { document } = await openAndClose(path)
    expect(Object.keys(document)).not.toContain('evidence')
    expect(Object.keys(document)).not.toContain('evidenceMissing')
  })
})

async function openAndClose(path: string) {
  const bundle = await openBundle(path)
  await bundle.close()
  return bundle
}
