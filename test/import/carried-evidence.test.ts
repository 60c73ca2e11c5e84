import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BundleDocument } from '../../src/bundle/document.js'
import { carriedEvidence } from '../../src/import/carried-evidence.js'
import { LIMITS } from '../../src/limits.js'
import { digestOf } from '../../src/oci/digest.js'
import { aBundle, opened } from '../support/bundles.js'
import { byHand, type HandParts } from '../support/bundles-by-hand.js'
import { readVector } from '../support/bundles-vectors.js'
import { fixedFile } from '../support/evidence-fixed.js'
import { CALL, tmpFolder } from '../support/tmp.js'

async function aFile(bytes: Uint8Array): Promise<string> {
  const path = join(await tmpFolder(), 'bundle.tar')
  await writeFile(path, bytes)
  return path
}

describe('carriedEvidence', () => {
  it('gives every list and response with the address that it answers for', async () => {
    const evidence = await carriedEvidence(await opened(await aFile(await readVector('valid-evidence'))), CALL)

    const found = new Map(evidence.map((one) => [one.url, [one.kind, Buffer.from(one.der).toString('hex')]]))
    expect([...found.keys()].sort()).toEqual(['http://ca.example/list.crl', 'http://ca.example/ocsp'])
    expect(found.get('http://ca.example/list.crl')).toEqual(['crl', Buffer.from(fixedFile('list.crl')).toString('hex')])
  })

  it('gives nothing where nothing is carried', async () => {
    expect(await carriedEvidence(await opened(await aBundle()), CALL)).toEqual([])
  })

  it('fails where the bytes are other ones, before anybody believes them', async () => {
    const bundle = await opened(await aFile(await readVector('changed-evidence')))

    await expect(carriedEvidence(bundle, CALL)).rejects.toMatchObject({ code: 'ERR_CONTENT_MISMATCH' })
  })

  it('fails where it is promised and not here', async () => {
    const bundle = await opened(await aFile(await readVector('evidence-not-here')))

    await expect(carriedEvidence(bundle, CALL)).rejects.toMatchObject({ code: 'ERR_BUNDLE_INCOMPLETE' })
  })

  it('reads no response that is larger than one', async () => {
    const large = Buffer.alloc(LIMITS.ocspBytes + 1)
    const descriptor = { mediaType: 'application/ocsp-response', digest: digestOf(large), size: large.byteLength }
    const bundle = await opened(await aFile(await byHand(partsWith(descriptor, large))))

    await expect(carriedEvidence(bundle, CALL)).rejects.toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' })
  })
})

function partsWith(
  descriptor: NonNullable<BundleDocument['evidence']>[number]['descriptor'],
  bytes: Buffer,
): HandParts {
  const at = '2026-11-20T00:00:00Z'
  const root = { repository: 'registry.example/app', descriptor: { ...descriptor, mediaType: 'application/x.y' } }
  return {
    document: {
      version: 1,
      kind: 'full',
      createdAt: at,
      generator: '',
      roots: [root],
      lookups: [],
      omissions: [],
      evidence: [{ type: 'ocsp', fetchedAt: at, thisUpdate: at, descriptor, certificates: ['a'.repeat(64)] }],
      totals: { blobs: 1, bytes: 1 },
    },
    inventory: [{ ...descriptor, role: 'evidence', here: 1 }],
    content: new Map([[descriptor.digest, bytes]]),
    sign: async () => [],
  }
}
