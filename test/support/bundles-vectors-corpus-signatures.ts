import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import type { ErrorCode } from '../../src/errors.js'
import type { Descriptor } from '../../src/oci/descriptor.js'
import { digestOf } from '../../src/oci/digest.js'
import { ENVELOPE_COSE, ENVELOPE_JWS } from '../../src/trust/envelope/envelope.js'
import { prepareJws } from '../../src/trust/envelope/jws.js'
import { sealEnvelope } from '../../src/trust/envelope/seal.js'
import type { Signer } from '../../src/trust/key/signer.js'
import { formatPayload } from '../../src/trust/payload.js'
import { GENERATOR } from './bundles.js'
import { byHand, type HandParts, signatureManifest, signedBy } from './bundles-by-hand.js'
import type { Base, Vector } from './bundles-vectors.js'
import { FIXED_CHAINS, hostileSigner } from './chains-fixed.js'
import { MADE_AT } from './clock.js'
import { type Recorded, recordedSigner } from './keys-fixed.js'

const INVALID = 'ERR_SIGNATURE_INVALID'

interface Signed {
  readonly name: string
  readonly why: string
  readonly code?: ErrorCode
  readonly verdict?: Vector['verdict']
  readonly sign: HandParts['sign']
}

/** Envelopes, chains and signature manifests that are there to deceive, around a sound bundle. */
export async function corpusSignatureVectors(base: Base, recorded: Recorded): Promise<readonly Vector[]> {
  const exporter = recordedSigner('exporter', recorded)
  const vectors: Vector[] = []
  for (const one of [...headers(exporter), ...payloads(exporter), ...around(exporter), ...chains(recorded)]) {
    const { name, why, code, sign } = one
    const verdict = one.verdict ?? (code === undefined ? 'verified' : 'not-authentic')
    const bytes = await byHand({ ...base.contents, content: base.content, sign })
    vectors.push({ name, why, verdict, bytes, of: base.name, ...(code === undefined ? {} : { code }) })
  }
  return vectors
}

interface Forgery {
  /** over the protected header, before it is signed */
  readonly header?: object
  /** instead of the payload */
  readonly payload?: (waybill: Descriptor) => Uint8Array
  /** over the unprotected header */
  readonly unprotected?: object
}

/** An envelope that the format forbids, signed all the same, and the manifest that follows from it. */
function forged(signer: Signer, change: Forgery): HandParts['sign'] {
  return async (waybill) => {
    const payload = change.payload?.(waybill) ?? formatPayload(waybill)
    const { toBeSigned, envelope } = prepareJws(payload, signer, { signingTime: MADE_AT, agent: GENERATOR })
    const [head = '', body = ''] = Buffer.from(toBeSigned).toString().split('.')
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as object
    const changed = Buffer.from(JSON.stringify({ ...header, ...change.header })).toString('base64url')
    const signature = await signer.sign(Buffer.from(`${changed}.${body}`), {})
    const made = JSON.parse(Buffer.from(envelope(signature)).toString()) as { readonly header: object }
    const whole = canonicalBytes({ ...made, protected: changed, header: { ...made.header, ...change.unprotected } })
    return [{ envelope: whole, manifest: signatureManifest(whole, { subject: waybill, signer }) }]
  }
}

const NOTARY = 'io.cncf.notary'

function headers(signer: Signer): readonly Signed[] {
  const bad = (name: string, why: string, header: object): Signed => ({
    ...{ name: `envelope-${name}`, why, code: INVALID },
    sign: forged(signer, { header }),
  })
  const scheme = `${NOTARY}.signingScheme`
  return [
    bad('with-unknown-critical-header', 'a critical header that no reader knows', { crit: [scheme, 'x'], x: 1 }),
    bad('critical-header-missing', 'a critical header that is not there', { crit: [scheme, 'y'] }),
    bad('critical-header-twice', 'one critical header twice', { crit: [scheme, scheme] }),
    bad('without-critical-headers', 'no list of critical headers', { crit: undefined }),
    bad('of-another-content-type', 'a payload of another type', { cty: 'application/json' }),
    bad('of-unknown-scheme', 'a signing scheme that is not known', { [scheme]: 'notary.x509.trustMe' }),
    bad('of-a-signing-authority', 'a scheme whose time would count without proof', {
      [scheme]: 'notary.x509.signingAuthority',
      crit: [scheme, `${NOTARY}.authenticSigningTime`],
      [`${NOTARY}.authenticSigningTime`]: '2026-11-20T10:00:00Z',
      [`${NOTARY}.signingTime`]: undefined,
    }),
    bad('without-payload-encoding', 'a header that changes which bytes are signed', { b64: false }),
    bad('names-a-plugin-with-a-path', 'a plugin whose name leads out of its folder', {
      crit: [scheme, `${NOTARY}.verificationPlugin`],
      [`${NOTARY}.verificationPlugin`]: '../../../../tmp/evil',
    }),
    bad('algorithm-of-another-key', 'an algorithm of another kind of key', { alg: 'PS256' }),
    {
      name: 'valid-envelope-with-key-of-its-own',
      why: 'a key in the header: it is believed by nobody, and may be there',
      sign: forged(signer, { header: { jwk: { kty: 'oct', k: 'AA' } } }),
    },
    {
      name: 'envelope-chain-in-both-headers',
      why: 'a second chain in the header that is not signed',
      code: INVALID,
      sign: forged(signer, { header: { x5c: ['AA=='] } }),
    },
    {
      name: 'envelope-algorithm-in-unprotected-header',
      why: 'a second algorithm in the header that is not signed',
      code: INVALID,
      sign: forged(signer, { unprotected: { alg: 'none' } }),
    },
    {
      name: 'envelope-timestamp-is-garbage',
      why: 'a timestamp that is no base64',
      code: INVALID,
      sign: forged(signer, { unprotected: { [`${NOTARY}.timestampSignature`]: '***' } }),
    },
  ]
}

function payloads(signer: Signer): readonly Signed[] {
  const bad = (name: string, why: string, payload: (text: string, waybill: Descriptor) => string): Signed => ({
    ...{ name: `payload-${name}`, why, code: INVALID },
    sign: forged(signer, {
      payload: (waybill) => Buffer.from(payload(Buffer.from(formatPayload(waybill)).toString(), waybill)),
    }),
  })
  return [
    bad('with-two-targets', 'two artifacts: one reader takes the first, another the last', (text) =>
      text.replace(
        '{"targetArtifact"',
        `{"targetArtifact":{"digest":"${digestOf(Buffer.from('x'))}"},"targetArtifact"`,
      ),
    ),
    bad('with-twin-of-the-digest', 'a second digest, for readers that do not mind case', (text) =>
      text.replace('"digest"', `"Digest":"${digestOf(Buffer.from('x'))}","digest"`),
    ),
    bad('says-more', 'a member beside what was signed', (text) => text.replace(/\}$/, ',"approved":true}')),
    bad('is-no-json', 'a payload that is none', () => 'no JSON'),
    bad('is-a-simple-signing-one', 'the payload of another kind of signature', (_, { digest }) =>
      JSON.stringify({ critical: { image: { 'docker-manifest-digest': digest }, type: 'cosign' }, optional: {} }),
    ),
    bad('digest-in-upper-case', 'another spelling of the right digest', (text) =>
      text.replace(/sha256:[0-9a-f]{64}/, (digest) => `sha256:${digest.slice(7).toUpperCase()}`),
    ),
  ]
}

/** What stands around a good envelope. */
function around(signer: Signer): readonly Signed[] {
  const good = signedBy(signer)
  const manifest = (change: (text: string) => string): HandParts['sign'] => {
    return async (waybill) =>
      (await good(waybill)).map((one) => ({
        ...one,
        manifest: Buffer.from(change(Buffer.from(one.manifest).toString())),
      }))
  }
  const bad = (name: string, why: string, change: (text: string) => string): Signed => ({
    ...{ name: `signature-manifest-${name}`, why, code: INVALID },
    sign: manifest(change),
  })
  return [
    {
      name: 'valid-signature-in-cose',
      why: 'an envelope of the other kind',
      sign: signedBy(signer, { type: ENVELOPE_COSE }),
    },
    {
      name: 'signature-expired',
      why: 'a signature that was to count for a day',
      code: 'ERR_SIGNATURE_EXPIRED',
      sign: signedBy(signer, { expiry: new Date(MADE_AT.getTime() + 86_400_000) }),
    },
    {
      name: 'cose-in-place-of-jws',
      why: 'an envelope of one kind under the type of the other',
      code: INVALID,
      sign: async (waybill) => {
        const times = { signingTime: MADE_AT, agent: GENERATOR }
        const envelope = await sealEnvelope(formatPayload(waybill), signer, { type: ENVELOPE_COSE, ...times })
        return [{ envelope, manifest: signatureManifest(envelope, { subject: waybill, signer, type: ENVELOPE_JWS }) }]
      },
    },
    {
      name: 'cose-changed',
      why: 'one bit of what a COSE envelope says',
      code: INVALID,
      sign: async (waybill) => {
        const [one] = await signedBy(signer, { type: ENVELOPE_COSE })(waybill)
        if (one === undefined) return []
        const envelope = Buffer.from(one.envelope)
        const place = envelope.indexOf('targetArtifact')
        envelope[place] = (envelope[place] ?? 0) ^ 1
        return [{ envelope, manifest: signatureManifest(envelope, { subject: waybill, signer, type: ENVELOPE_COSE }) }]
      },
    },
    bad('with-two-layers', 'a second envelope behind the first', (text) =>
      text.replace(/"layers":\[(\{[^}]*\})\]/, '"layers":[$1,$1]'),
    ),
    bad('of-another-subject', 'a manifest that hangs on something else', (text) =>
      text.replace(/("subject":\{[^}]*sha256:)[0-9a-f]{64}/, `$1${digestOf(Buffer.from('x')).slice(7)}`),
    ),
    bad('of-another-artifact-type', 'a manifest that calls itself something else', (text) =>
      text.replace('application/vnd.cncf.notary.signature', 'application/vnd.cncf.notary.signaturf'),
    ),
    {
      name: 'more-signatures-than-are-read',
      why: 'seventeen signatures: none of them is looked at',
      code: 'ERR_LIMIT_EXCEEDED',
      verdict: 'damaged',
      sign: async (waybill) => {
        const all = Array.from({ length: 17 }, (_, at) => signedBy(signer, { agent: `many/${at}` })(waybill))
        return (await Promise.all(all)).flat()
      },
    },
  ]
}

function chains(recorded: Recorded): readonly Signed[] {
  return FIXED_CHAINS.map((name) => ({
    name: `chain-${name}`,
    why: `a chain that no trust makes good: ${name.replaceAll('-', ' ')}`,
    // Only times and trust can be judged of these two: the Notary Project has verifiers ignore unknown extensions.
    code: ['issuer-expired', 'leaf-with-unknown-critical-extension'].includes(name) ? 'ERR_SIGNER_UNKNOWN' : INVALID,
    sign: forged(hostileSigner(name, recorded), {}),
  }))
}
