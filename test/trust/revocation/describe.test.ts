import { beforeAll, describe, expect, test } from 'vitest'
import { describeEvidence } from '../../../src/trust/revocation/describe.js'
import { crlOf, crlSource, FROM, mintRevocable, ocspOf, type RevocableChain, TO } from '../../support/revocation.js'

let chain: RevocableChain

beforeAll(async () => {
  chain = await mintRevocable(crlSource())
})

describe('evidence', () => {
  test('that is a list says from when to when it is in force, and whose it is', () => {
    expect(describeEvidence(crlOf(chain.root))).toEqual({
      thisUpdate: FROM,
      nextUpdate: TO,
      issuer: 'C=ZZ, ST=-, O=Waybill tests, CN=Revoking CA',
    })
  })

  test('that is a response may have no end, and no name', () => {
    const given = { subject: chain.leaf, issuer: chain.root }

    expect(describeEvidence(ocspOf({ ...given, by: 'key' }))).toEqual({ thisUpdate: FROM, nextUpdate: TO })
    expect(describeEvidence(ocspOf({ ...given, by: 'name', nextUpdate: 'none' }))).toEqual({
      thisUpdate: FROM,
      issuer: 'C=ZZ, ST=-, O=Waybill tests, CN=Revoking CA',
    })
  })

  test.each([
    ['is a page that asks to log in', { kind: 'crl', der: Buffer.from('<html>') } as const],
    ['is nothing', { kind: 'ocsp', der: Buffer.alloc(0) } as const],
    ['says that the responder has no answer', { kind: 'ocsp', der: Buffer.from('30030a0106', 'hex') } as const],
  ])('is refused where it %s', (_, evidence) => {
    expect(() => describeEvidence(evidence)).toThrow(expect.objectContaining({ code: 'ERR_CONTENT_MISMATCH' }))
  })

  test('is refused where an entry of a list cannot be read, which would help nobody', () => {
    const broken = crlOf(chain.root, { entries: [{ serial: '01', reason: 11 }] })

    expect(() => describeEvidence(broken)).toThrow(expect.objectContaining({ code: 'ERR_CONTENT_MISMATCH' }))
  })
})
