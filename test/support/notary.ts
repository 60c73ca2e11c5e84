import type { Descriptor } from '../../src/oci/descriptor.js'
import { describe } from '../../src/oci/descriptor.js'
import { OCI_MANIFEST } from '../../src/oci/media-types.js'
import type { Certificate } from '../../src/trust/certificate.js'
import { ENVELOPE_JWS, type EnvelopeType } from '../../src/trust/envelope/envelope.js'
import { sealEnvelope } from '../../src/trust/envelope/seal.js'
import type { VerificationContext } from '../../src/trust/notary/context.js'
import { verifySignature } from '../../src/trust/notary/verify-signature.js'
import type { SignatureOutcome, ValidationOutcome } from '../../src/trust/outcome.js'
import { formatPayload } from '../../src/trust/payload.js'
import { parseTrustPolicy } from '../../src/trust/policy/parse-policy.js'
import type { TrustStatement, TrustStoreName } from '../../src/trust/policy/trust-policy.js'
import { revocationJudge } from '../../src/trust/revocation/judge.js'
import type { Evidence } from '../../src/trust/revocation/revocation.js'
import { type MintedChain, NOW, signerOf } from './keys.js'

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
}

/** A signature over the target by a chain of tests. */
export async function signedBy(chain: MintedChain, recipe: SealRecipe = {}): Promise<Uint8Array> {
  const { type = ENVELOPE_JWS, target = TARGET, signingTime = NOW, expiry, metadata } = recipe
  return await sealEnvelope(formatPayload(target, metadata), signerOf(chain, signingTime), {
    type,
    signingTime,
    agent: 'test',
    ...(expiry === undefined ? {} : { expiry }),
  })
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
