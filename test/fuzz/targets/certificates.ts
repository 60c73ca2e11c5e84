import { isDeepStrictEqual } from 'node:util'
import { hasCode } from '../../../src/errors.js'
import { parseCertificate, parseCertificateFile } from '../../../src/trust/certificate/certificate.js'
import { checkChain } from '../../../src/trust/certificate/chain.js'
import { describeEvidence } from '../../../src/trust/revocation/describe.js'
import { judgeRevocation } from '../../../src/trust/revocation/judge.js'
import type { Evidence, RevocationResult } from '../../../src/trust/revocation/revocation.js'
import { revocationSources } from '../../../src/trust/revocation/sources.js'
import { verifyTimestampToken } from '../../../src/trust/timestamp/verify-token.js'
import { mintChain, NOW } from '../../support/keys.js'
import {
  crlOf,
  crlSource,
  deltaSource,
  FROM,
  mintRevocable,
  ocspOf,
  ocspSource,
  revoked,
  TO,
} from '../../support/revocation.js'
import { mintAuthority, mintToken, SIGNED } from '../../support/timestamps.js'
import { believed, type FuzzTarget } from '../target.js'

const certificates: FuzzTarget = {
  name: 'certificates',
  codes: ['ERR_SIGNATURE_INVALID'],
  shape: 'der',
  prepare: async () => {
    const { leaf, intermediate, root } = await mintChain()
    const revocable = await mintRevocable(crlSource('http://ca.example/a.crl'), ocspSource(), deltaSource())
    const above = [intermediate.certificate, root.certificate]
    const seeds = [leaf, intermediate, root, revocable.leaf].map(({ certificate }) => certificate.der)
    return {
      seeds,
      read: (der) => {
        const found = parseCertificate(der, 'it', 'ERR_SIGNATURE_INVALID')
        revocationSources(found)
        checkChain([found])
        const sound = checkChain([found, ...above]).length === 0 || checkChain([found, root.certificate]).length === 0
        if (sound && !seeds.some((seed) => Buffer.compare(seed, der) === 0))
          believed('a certificate that nobody issued')
      },
    }
  },
}

const files: FuzzTarget = {
  name: 'files of certificates',
  codes: ['ERR_TRUST_STORE_INVALID'],
  shape: 'bytes',
  words: ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----', '-----BEGIN PRIVATE KEY-----', '\r\n', '='],
  prepare: async () => {
    const chain = await mintChain()
    return {
      seeds: [Buffer.from(chain.chainPem), Buffer.concat(chain.certificates.map(({ der }) => der))],
      read: (bytes) => {
        parseCertificateFile(bytes, 'it', 'ERR_TRUST_STORE_INVALID')
      },
    }
  },
}

const tokens: FuzzTarget = {
  name: 'timestamp tokens',
  codes: ['ERR_TIMESTAMP_INVALID'],
  shape: 'der',
  prepare: async () => {
    const authority = await mintAuthority()
    const token = mintToken({ authority })
    const given = { signed: SIGNED, anchors: [authority.root.certificate] }
    const proven = await verifyTimestampToken(token, given)
    return {
      seeds: [token],
      read: async (der) => {
        if (!isDeepStrictEqual(await verifyTimestampToken(der, given), proven))
          believed('a time that nobody has proven')
      },
    }
  },
}

/** Evidence that does not clear its certificate must never come to do so. */
function evidence(kind: Evidence['kind']): FuzzTarget {
  return {
    name: kind === 'crl' ? 'revocation lists' : 'OCSP responses',
    codes: ['ERR_CONTENT_MISMATCH'],
    shape: 'der',
    // Times at which it would be in force, where a time can stand.
    words: ['301231235959Z', '20301231235959Z'],
    prepare: async () => {
      const { certificates: chain, leaf, root } = await mintRevocable(kind === 'crl' ? crlSource() : ocspSource())
      const serial = leaf.certificate.serialNumber
      const about = { subject: leaf, issuer: root }
      const against =
        kind === 'crl'
          ? [crlOf(root, { entries: [{ serial, reason: 1 }] }), crlOf(root, { nextUpdate: FROM }), crlOf(leaf)]
          : [
              ocspOf({ ...about, status: revoked(FROM, 1) }),
              ocspOf({ ...about, nextUpdate: FROM }),
              ocspOf({ ...about, responder: leaf }),
            ]
      const results: readonly RevocationResult[] = ['revoked', 'unknown']
      return {
        seeds: [...against, kind === 'crl' ? crlOf(root) : ocspOf(about)].map(({ der }) => der),
        read: async (der) => {
          const one = { kind, der }
          // Long after the good one ended, so that nothing may be good.
          const late = await judgeRevocation(chain, { evidence: [one], now: new Date(TO.getTime() + 86_400_000) })
          if (!results.includes(late.result)) believed(`evidence that has run out: ${late.result}`)
          const now = await judgeRevocation(chain, { evidence: [one, ...against.slice(0, 1)], now: NOW })
          if (now.result !== 'revoked') believed(`another word against one that revokes: ${now.result}`)
          describeEvidence(one)
        },
      }
    },
  }
}

/** One of several certificates in a text may be damaged; all of them are refused then. */
const pem: FuzzTarget = {
  ...files,
  name: 'certificates in PEM',
  prepare: async () => {
    const { leaf, root } = await mintChain()
    const lines = `${leaf.pem}${root.pem}`
    return {
      seeds: [Buffer.from(lines)],
      read: (bytes) => {
        const found = parseCertificateFile(bytes, 'it', 'ERR_TRUST_STORE_INVALID')
        try {
          for (const { der } of found) parseCertificate(der, 'it', 'ERR_SIGNATURE_INVALID')
        } catch (cause) {
          if (hasCode(cause, 'ERR_SIGNATURE_INVALID')) believed('a certificate that cannot be read again')
          throw cause
        }
      },
    }
  },
}

export const CERTIFICATES: readonly FuzzTarget[] = [certificates, files, pem, tokens, evidence('crl'), evidence('ocsp')]
