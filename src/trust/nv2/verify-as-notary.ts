import { printable } from '../../encoding/printable.js'
import type { Descriptor } from '../../oci/descriptor.js'
import type { Certificate } from '../certificate/certificate.js'
import type { VerificationContext } from '../notary/context.js'
import { certificateFacts } from '../notary/facts.js'
import { fail, outcome, pass, refuses } from '../notary/judged.js'
import { judgeSignerRevocation } from '../notary/revocation.js'
import type { SignatureOutcome, ValidationOutcome } from '../outcome.js'
import { matchIdentity } from '../policy/identities.js'
import { type Nv2Judgement, verifyNv2 } from './verify-nv2.js'

/** A JWT of the nv2 prototype, and what it must be about. */
export interface Nv2Question {
  readonly signature: string
  readonly token: Uint8Array
  readonly target: Descriptor
}

/**
 * Holds a signature of the nv2 prototype against a statement of a trust policy: its `ca` stores say which roots and keys
 * are trusted, its identities who of them, its level what a failure does (docs/adr/0025). Only a statement that says so
 * accepts one: the prototype takes certificates that are for servers, and who has one of those may not sign releases.
 */
export async function verifyNv2Signature(
  { signature, token, target }: Nv2Question,
  context: VerificationContext,
): Promise<SignatureOutcome> {
  const judgement = await verifyNv2(token, { anchors: await anchorsOf(context), now: context.now, target })
  const validations = [
    ...(await judgeByPolicy(judgement, context)),
    ...prototypeRules(judgement, context),
    ...metadataMissing(context),
  ]
  const { issuedAt, expiry } = judgement.opened?.claims ?? {}
  return {
    signature,
    kind: 'nv2',
    verdict: validations.some(refuses) ? 'refused' : 'verified',
    validations,
    chain: judgement.chain.map(certificateFacts),
    ...(issuedAt === undefined ? {} : { signingTime: issuedAt.toISOString() }),
    ...(expiry === undefined ? {} : { expiry: expiry.toISOString() }),
    metadata: {},
  }
}

async function anchorsOf({ statement, store }: VerificationContext): Promise<readonly Certificate[]> {
  const anchors: Certificate[] = []
  for (const name of statement.stores) if (name.type === 'ca') anchors.push(...(await store(name)))
  return anchors
}

/** Whoever demands that the signer states something gets no signature that can state nothing. */
function metadataMissing({ metadata = {} }: VerificationContext): ValidationOutcome[] {
  const [wanted] = Object.keys(metadata)
  if (wanted === undefined) return []
  const why = `a signature of the nv2 prototype states nothing beside names, so not ${printable(wanted, 100)}`
  return [outcome('integrity', 'enforce', fail('ERR_SIGNATURE_INVALID', why))]
}

function prototypeRules({ checks }: Nv2Judgement, { statement }: VerificationContext): ValidationOutcome[] {
  const { actions } = statement.level
  return checks.map(({ name, validation, ...judged }) =>
    outcome(validation, actions[validation], { ...judged, detail: `${name}: ${judged.detail}` }),
  )
}

/** What the policy asks of any signature: that it takes this kind, from whom, and that nobody has revoked the signer. */
async function judgeByPolicy({ chain }: Nv2Judgement, context: VerificationContext): Promise<ValidationOutcome[]> {
  const { statement } = context
  const { actions } = statement.level
  const why = `the statement ${statement.name} takes no signatures of the nv2 prototype; "waybill": {"nv2": true} in it would`
  const kind = statement.waybill.acceptNv2
    ? pass(`the statement ${statement.name} takes signatures of the nv2 prototype`)
    : fail('ERR_SIGNATURE_INVALID', why)
  // Whatever the level: which worlds of signatures are believed is not a failure that can be logged.
  const outcomes = [outcome('integrity', 'enforce', kind)]
  const [leaf] = chain
  if (leaf === undefined) return outcomes
  const { match, detail } = matchIdentity(leaf, statement.identities)
  outcomes.push(
    outcome('authenticity', actions.authenticity, match ? pass(detail) : fail('ERR_IDENTITY_UNTRUSTED', detail)),
  )
  if (actions.revocation !== 'skip') {
    outcomes.push(outcome('revocation', actions.revocation, await judgeSignerRevocation(chain, context, undefined)))
  }
  return outcomes
}
