import type { webcrypto } from 'node:crypto'
import { X509CrlGenerator, X509CrlReason } from '@peculiar/x509'
import { OctetString, Primitive } from 'asn1js'
import { BasicOCSPResponse, CertID, Certificate, OCSPRequest, OCSPResponse, ResponseBytes, SingleResponse } from 'pkijs'
import { expect, test } from 'vitest'
import { Extension } from '../../../src/trust/certificate/x509.js'
import { describeEvidence } from '../../../src/trust/revocation/describe.js'
import { judgeRevocation } from '../../../src/trust/revocation/judge.js'
import { buildOcspRequest } from '../../../src/trust/revocation/ocsp-request.js'
import type { Evidence } from '../../../src/trust/revocation/revocation.js'
import { NOW } from '../../support/keys.js'
import {
  crlSource,
  extension,
  FROM,
  integer,
  mintRevocable,
  ocspSource,
  type RevocableChain,
  TO,
} from '../../support/revocation.js'

// Our own maker of lists and responses could be wrong in the same way as our reader. These are made by others.

test('a list made by @peculiar/x509 is understood', async () => {
  const chain = await mintRevocable(crlSource())
  const { serialNumber } = chain.leaf.certificate

  expect(await judge(chain, [await listBy(chain, ['01'])])).toBe('good')
  expect(await judge(chain, [await listBy(chain, ['01', serialNumber])])).toBe('revoked')
})

async function listBy(chain: RevocableChain, serials: readonly string[]): Promise<Evidence> {
  const number = extension('2.5.29.20', integer(5))
  const made = await X509CrlGenerator.create({
    issuer: [{ C: ['ZZ'] }, { ST: ['-'] }, { O: ['Waybill tests'] }, { CN: ['Revoking CA'] }],
    thisUpdate: FROM,
    nextUpdate: TO,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    signingKey: chain.root.keys.privateKey,
    extensions: [new Extension(Uint8Array.from(number).buffer)],
    entries: serials.map((serialNumber) => ({
      serialNumber,
      revocationDate: FROM,
      reason: X509CrlReason.keyCompromise,
    })),
  })
  return { kind: 'crl', der: new Uint8Array(made.rawData) }
}

test('a response made by pkijs is understood', async () => {
  const chain = await mintRevocable(ocspSource())
  const evidence = await responseBy(chain)

  expect(await judge(chain, [evidence])).toBe('good')
  expect(describeEvidence(evidence)).toMatchObject({
    thisUpdate: FROM,
    nextUpdate: TO,
    issuer: expect.stringContaining('CN=Revoking CA'),
  })
})

async function responseBy({ leaf, root }: RevocableChain): Promise<Evidence> {
  const issuer = Certificate.fromBER(Uint8Array.from(root.certificate.der))
  const certID = new CertID()
  await certID.createForCertificate(Certificate.fromBER(Uint8Array.from(leaf.certificate.der)), {
    hashAlgorithm: 'SHA-256',
    issuerCertificate: issuer,
  })
  const single = new SingleResponse({ certID })
  single.certStatus = new Primitive({ idBlock: { tagClass: 3, tagNumber: 0 } })
  single.thisUpdate = FROM
  single.nextUpdate = TO
  const basic = new BasicOCSPResponse()
  basic.tbsResponseData.responderID = issuer.subject
  basic.tbsResponseData.producedAt = FROM
  basic.tbsResponseData.responses.push(single)
  await basic.sign(root.keys.privateKey satisfies webcrypto.CryptoKey, 'SHA-256')
  const response = new OCSPResponse()
  response.responseStatus.valueBlock.valueDec = 0
  response.responseBytes = new ResponseBytes({
    responseType: '1.3.6.1.5.5.7.48.1.1',
    response: new OctetString({ valueHex: basic.toSchema().toBER(false) }),
  })
  return { kind: 'ocsp', der: new Uint8Array(response.toSchema().toBER(false)) }
}

test('a request is what pkijs makes of the same certificate', async () => {
  const { leaf, root } = await mintRevocable()
  const theirs = new OCSPRequest()
  await theirs.createForCertificate(Certificate.fromBER(Uint8Array.from(leaf.certificate.der)), {
    hashAlgorithm: 'SHA-1',
    issuerCertificate: Certificate.fromBER(Uint8Array.from(root.certificate.der)),
  })

  const ours = buildOcspRequest(leaf.certificate, root.certificate)

  expect(Buffer.from(ours).toString('hex')).toBe(Buffer.from(theirs.toSchema(true).toBER(false)).toString('hex'))
})

async function judge(chain: RevocableChain, evidence: readonly Evidence[]): Promise<string> {
  return (await judgeRevocation(chain.certificates, { now: NOW, evidence })).result
}
