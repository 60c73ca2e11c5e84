import { onTestFinished } from 'vitest'
import { canonicalBytes } from '../../src/encoding/canonical-json.js'
import type { Descriptor } from '../../src/oci/descriptor.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'
import type { Certificate } from '../../src/trust/certificate/certificate.js'
import type { Extension } from '../../src/trust/certificate/x509.js'
import type { EnvelopeType } from '../../src/trust/envelope/envelope.js'
import { openEnvelope } from '../../src/trust/envelope/open.js'
import { sealEnvelope, withTimestampToken } from '../../src/trust/envelope/seal.js'
import { loadSigner } from '../../src/trust/key/signer.js'
import { formatPayload } from '../../src/trust/payload.js'
import { buildSignatureManifest, SIGNATURE_CONFIG } from '../../src/trust/signature-manifest.js'
import type { Exchange } from '../../src/web/exchange.js'
import { openWeb } from '../../src/web/open-exchange.js'
import { type Built, built, content } from './build.js'
import { MADE_AT } from './clock.js'
import { caExtensions, leafExtensions, type Minted, mint } from './keys.js'

/** The real network, as a test can reach it: loopback. */
export function anExchange(): Exchange {
  const web = openWeb({ proxies: {}, agent: 'waybill/test' })
  onTestFinished(() => web.close())
  return web.exchange
}

/** The same, that waits for no answer longer than this. */
export function impatient(timeoutMs: number): Exchange {
  const exchange = anExchange()
  return (request) => exchange({ ...request, timeoutMs })
}

/** A leaf that names these sources, below an issuer that is given or new. */
export async function aSigner(sources: readonly Extension[], issuer?: Minted, name = 'Acme') {
  const root = issuer ?? (await mint({ name: 'Revoking CA', extensions: caExtensions() }))
  const leaf = await mint({ name, extensions: [...leafExtensions(), ...sources] }, root)
  const certificates: readonly Certificate[] = [leaf.certificate, root.certificate]
  return { root, leaf, certificates, chain: { from: name, certificates }, pem: leaf.pem + root.pem }
}

export type SignerUnderTest = Awaited<ReturnType<typeof aSigner>>

export interface SignatureRecipe {
  readonly type?: EnvelopeType
  /** the type stands in the config, as notation 1.0 has it, or in `artifactType` */
  readonly form?: 'config' | 'artifactType'
  /** makes a timestamp token over these bytes */
  readonly token?: (signed: Uint8Array) => Uint8Array
  readonly change?: (envelope: Uint8Array) => Uint8Array
}

/** A Notary signature on a subject, as a referrer of it. */
export async function aSignature(
  subject: Built,
  signer: SignerUnderTest,
  recipe: SignatureRecipe = {},
): Promise<Built> {
  const { type = 'application/jose+json', form = 'config', token, change = (bytes) => bytes } = recipe
  const key = loadSigner(signer.leaf.keyPem, signer.pem, MADE_AT)
  const given = { type, signingTime: MADE_AT, agent: 'test' }
  const sealed = await sealEnvelope(formatPayload(subject.root), key, given)
  const stamped =
    token === undefined ? sealed : withTimestampToken(sealed, type, token((await openEnvelope(sealed, type)).signature))
  const envelope = content(type, change(stamped))
  const manifest = manifestOf(envelope.descriptor, { subject: subject.root, signer, form })
  const signature = content(OCI_MANIFEST, manifest)
  return built(signature.descriptor, [envelope, SIGNATURE_CONFIG, signature])
}

function manifestOf(
  envelope: Descriptor,
  given: { readonly subject: Descriptor; readonly signer: SignerUnderTest; readonly form: 'config' | 'artifactType' },
): Uint8Array {
  const { subject, signer, form } = given
  const built = buildSignatureManifest({ envelope, subject, chain: signer.certificates, createdAt: MADE_AT })
  if (form === 'config') return built
  const json = JSON.parse(Buffer.from(built).toString())
  const artifactType = json.config.mediaType
  json.config.mediaType = 'application/vnd.oci.empty.v1+json'
  return canonicalBytes({ ...json, artifactType })
}
