import { describe, expect, it } from 'vitest'
import type { BundleDocument } from '../../src/bundle/document.js'
import { claimsLines, claimsOutput } from '../../src/cli/render/claims.js'
import { digestOf } from '../../src/oci/digest.js'

const AT = '2026-11-20T00:00:00Z'
const BARE: BundleDocument = {
  version: 1,
  kind: 'full',
  createdAt: AT,
  generator: 'waybill/0',
  roots: [],
  lookups: [],
  omissions: [],
  totals: { blobs: 0, bytes: 0 },
}
const descriptor = { mediaType: 'application/pkix-crl', digest: digestOf(Buffer.from('list')), size: 4 }
const certificates = ['a'.repeat(64)]

describe('the claims of a bundle', () => {
  it('say nothing about evidence where there is none to speak of', () => {
    expect(claimsLines(BARE).join('\n')).not.toContain('revocation')
    expect(claimsOutput(BARE)).toMatchObject({ evidence: [], evidenceMissing: [] })
  })

  it('say which evidence there is, until when it counts, and what could not be had', () => {
    const document: BundleDocument = {
      ...BARE,
      evidence: [
        { type: 'crl', url: 'http://ca.example/list', fetchedAt: AT, thisUpdate: AT, descriptor, certificates },
        { type: 'crl', fetchedAt: AT, thisUpdate: AT, nextUpdate: '2026-11-27T00:00:00Z', descriptor, certificates },
      ],
      evidenceMissing: [{ certificate: 'b'.repeat(64), subject: 'CN=Acme\u001b[2J', reason: 'it is gone\n' }],
    }

    const lines = claimsLines(document)

    expect(lines).toContain('evidence about revocation: 2 for 1 certificates')
    expect(lines).toContain(`  crl   ${AT} to no end  http://ca.example/list`)
    expect(lines).toContain(`  crl   ${AT} to 2026-11-27T00:00:00Z  from a file`)
    expect(lines).toContain('  NOT HAD: CN=Acme\\u{1b}[2J: it is gone\\u{a}')
    expect(claimsOutput(document).evidence[0]).toEqual({
      type: 'crl',
      url: 'http://ca.example/list',
      fetchedAt: AT,
      thisUpdate: AT,
      digest: descriptor.digest,
      size: 4,
      certificates,
    })
  })
})
