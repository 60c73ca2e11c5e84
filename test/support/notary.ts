import { sign } from 'node:crypto'
import type { Descriptor } from '../../src/oci/descriptor.js'
import { describe } from '../../src/oci/descriptor.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'
import type { Certificate } from '../../src/trust/certificate/certificate.js'
import type { Extension } from '../../src/trust/certificate/x509.js'
import { ENVELOPE_JWS, type EnvelopeType } from '../../src/trust/envelope/envelope.js'
import { jwsHeader } from '../../src/trust/envelope/jws-header.js'
import { openEnvelope } from '../../src/trust/envelope/open.js'
import { sealEnvelope, withTimestampToken } from '../../src/trust/envelope/seal.js'
import type { VerificationContext } from '../../src/trust/notary/context.js'
import { verifySignature } from '../../src/trust/notary/verify-signature.js'
import type { SignatureOutcome, ValidationOutcome } from '../../src/trust/outcome.js'
import { formatPayload } from '../../src/trust/payload.js'
import { parseTrustPolicy } from '../../src/trust/policy/parse-policy.js'
import type { TrustStatement, TrustStoreName } from '../../src/trust/policy/trust-policy.js'
import { revocationJudge } from '../../src/trust/revocation/judge.js'
import type { Evidence } from '../../src/trust/revocation/revocation.js'
import { caExtensions, leafExtensions, type MintedChain, mint, NOW, privateKeyOf, signerOf } from './keys.js'

/** An artifact that is signed in tests. */
export const TARGET: Descriptor = describe(OCI_MANIFEST, Buffer.from('an artifact'))

/** A statement as the policy file would have it, for every artifact; the members given are put over a strict one. */
export function statementOf(members: Readonly<Record<string, unknown>> = {}): TrustStatement {
  const statement = {
    name: 'acme',
    registryScopes: ['*'],
    signatureVerification: { level: 'strict' },
    trustStores: ['ca:acme'],
    trustedIdentities: ['*'],
    ...members,
  }
  const json = JSON.stringify({ version: '1.0', trustPolicies: [statement] })
  const [first] = parseTrustPolicy(Buffer.from(json), 'oci', 'trustpolicy.json').statements
  if (first === undefined) throw new Error('no statement')
  return first
}

export interface ContextRecipe extends Partial<Omit<VerificationContext, 'statement' | 'store'>> {
  readonly statement?: TrustStatement
  /** certificates by `type:name`; a store that is not here is empty */
  readonly stores?: Readonly<Record<string, readonly Certificate[]>>
  readonly evidence?: readonly Evidence[]
}

export function contextOf({ stores = {}, evidence = [], ...given }: ContextRecipe): VerificationContext {
  const judge = revocationJudge(evidence)
  return {
    statement: statementOf(),
    store: async ({ type, name }: TrustStoreName) => stores[`${type}:${name}`] ?? [],
    now: NOW,
    judgeRevocation: (chain, question) => judge(chain, question),
    signal: AbortSignal.timeout(60_000),
    ...given,
  }
}

export interface SealRecipe {
  readonly type?: EnvelopeType
  readonly target?: Descriptor
  readonly signingTime?: Date
  readonly expiry?: Date
  readonly metadata?: Readonly<Record<string, string>>
  /** protected headers of a JWS, over those of a plain signature; undefined takes one away */
  readonly header?: Readonly<Record<string, unknown>>
  /** what the list of critical headers has beside the signing scheme */
  readonly critical?: readonly string[]
  /** makes a timestamp token over the raw signature */
  readonly token?: (signature: Uint8Array) => Uint8Array
}

/** A signature over the target by a chain of tests. */
export async function signedBy(chain: MintedChain, recipe: SealRecipe = {}): Promise<Uint8Array> {
  const { type = ENVELOPE_JWS, target = TARGET, signingTime = NOW, expiry, metadata, token } = recipe
  const payload = formatPayload(target, metadata)
  const given = { type, signingTime, agent: 'test', ...(expiry === undefined ? {} : { expiry }) }
  const sealed =
    recipe.header === undefined
      ? await sealEnvelope(payload, signerOf(chain, signingTime), given)
      : signedJws(payload, chain, recipe)
  if (token === undefined) return sealed
  return withTimestampToken(sealed, type, token((await openEnvelope(sealed, type)).signature))
}

/** A JWS with headers that the program itself never writes. */
function signedJws(payload: Uint8Array, chain: MintedChain, recipe: SealRecipe): Uint8Array {
  const { signingTime = NOW, expiry, header = {}, critical = [] } = recipe
  const plain = jwsHeader('ES256', { signingTime, ...(expiry === undefined ? {} : { expiry }) })
  const crit = [...(plain['crit'] as readonly string[]), ...critical]
  const head = Buffer.from(JSON.stringify({ ...plain, crit, ...header })).toString('base64url')
  const body = Buffer.from(payload).toString('base64url')
  const key = privateKeyOf(chain.leaf)
  const signature = sign('sha256', Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' })
  const x5c = chain.certificates.map(({ der }) => Buffer.from(der).toString('base64'))
  const members = { payload: body, protected: head, header: { x5c }, signature: signature.toString('base64url') }
  return Buffer.from(JSON.stringify(members))
}

const AUTHENTIC_TIME = 'io.cncf.notary.authenticSigningTime'

/** The headers of a signing authority, which vouches for the time itself. */
export function authorityHeaders(at: Date): Pick<SealRecipe, 'header' | 'critical'> {
  return {
    header: {
      'io.cncf.notary.signingScheme': 'notary.x509.signingAuthority',
      'io.cncf.notary.signingTime': undefined,
      [AUTHENTIC_TIME]: at.toISOString(),
    },
    critical: [AUTHENTIC_TIME],
  }
}

/** The headers of a signature that wants this plugin, and perhaps something of it. */
export function pluginHeaders(
  name: string,
  given: { readonly minVersion?: string; readonly attributes?: Readonly<Record<string, unknown>> } = {},
): Pick<SealRecipe, 'header' | 'critical'> {
  const { minVersion, attributes = {} } = given
  const header = {
    'io.cncf.notary.verificationPlugin': name,
    ...(minVersion === undefined ? {} : { 'io.cncf.notary.verificationPluginMinVersion': minVersion }),
    ...attributes,
  }
  return { header, critical: Object.keys(header) }
}

export interface Period {
  readonly notBefore?: Date
  readonly notAfter?: Date
  /** of the leaf, beside those of a signer */
  readonly extensions?: readonly Extension[]
}

/** A sound chain whose leaf is in force for some time only, or names sources of revocation. */
export async function mintSigner(name: string, { extensions = [], ...dates }: Period = {}): Promise<MintedChain> {
  const root = await mint({ name: `${name} root`, extensions: caExtensions(1) })
  const intermediate = await mint({ name: `${name} intermediate`, extensions: caExtensions(0) }, root)
  const leaf = await mint({ name, extensions: [...leafExtensions(), ...extensions], ...dates }, intermediate)
  return {
    root,
    intermediate,
    leaf,
    certificates: [leaf, intermediate, root].map(({ certificate }) => certificate),
    chainPem: leaf.pem + intermediate.pem + root.pem,
  }
}

export async function outcomeOf(
  envelope: Uint8Array,
  context: VerificationContext,
  given: { readonly type?: EnvelopeType; readonly target?: Descriptor } = {},
): Promise<SignatureOutcome> {
  const { type = ENVELOPE_JWS, target = TARGET } = given
  return await verifySignature({ signature: 'the signature', envelope, type, target }, context)
}

/** The outcome of one validation, as it is shown. */
export function validation(outcome: SignatureOutcome, name: ValidationOutcome['validation']): ValidationOutcome {
  const found = outcome.validations.find((one) => one.validation === name)
  if (found === undefined) throw new Error(`no validation ${name}`)
  return found
}
