import { hasCode } from '../../errors.js'
import type { Certificate } from '../certificate/certificate.js'
import type { OpenedEnvelope, SigningScheme } from '../envelope/envelope.js'
import { matchIdentity } from '../policy/identities.js'
import type { TrustStoreType } from '../policy/trust-policy.js'
import type { VerificationContext } from './context.js'
import { fail, type Judged, pass } from './judged.js'

// signing-scheme: the two are never shared, or whoever may sign with a claimed time could sign with an authentic one.
const STORE_OF_SCHEME: Readonly<Record<SigningScheme, TrustStoreType>> = {
  'notary.x509': 'ca',
  'notary.x509.signingAuthority': 'signingAuthority',
}

/**
 * Whether the chain holds a certificate of the statement's stores, and its leaf is one of the trusted identities
 * (trust-store-trust-policy, "Trusted Identities"). Nothing inside the envelope is an anchor.
 * @param native `identity`: false where a plugin decides that instead
 */
export async function judgeAuthenticity(
  { chain, attributes }: OpenedEnvelope,
  context: VerificationContext,
  native: { readonly identity: boolean },
): Promise<Judged> {
  const type = STORE_OF_SCHEME[attributes.scheme]
  const names = context.statement.stores.filter((store) => store.type === type)
  if (names.length === 0) {
    const detail = `the statement ${context.statement.name} names no ${type} trust store, which ${attributes.scheme} needs`
    return fail('ERR_SIGNER_UNKNOWN', detail)
  }
  const leaf = chain[0]
  const root = chain.at(-1)
  if (leaf === undefined || root === undefined) return fail('ERR_SIGNER_UNKNOWN', 'there is no certificate')
  try {
    for (const name of names) {
      const anchors = await context.store(name)
      const anchor = chain.find(({ der }) => anchors.some((trusted) => Buffer.compare(trusted.der, der) === 0))
      if (anchor !== undefined) return judgeIdentity({ leaf, anchor, store: `${type}:${name.name}` }, context, native)
    }
  } catch (cause) {
    // A store that cannot be read trusts nobody; the other signatures of the bundle still get their answer.
    if (!hasCode(cause, 'ERR_TRUST_STORE_INVALID')) throw cause
    return fail(cause.code, cause.message)
  }
  const stores = names.map(({ name }) => `${type}:${name}`).join(', ')
  const detail = `signed by ${leaf.subject}, whose root ${root.subject} (SHA-256 ${root.thumbprint}) is not in the trust store ${stores}`
  return fail('ERR_SIGNER_UNKNOWN', detail)
}

function judgeIdentity(
  found: { readonly leaf: Certificate; readonly anchor: Certificate; readonly store: string },
  { statement }: VerificationContext,
  native: { readonly identity: boolean },
): Judged {
  const { leaf, anchor, store } = found
  const trusted = `signed by ${leaf.subject}, trusted through ${anchor.subject} (SHA-256 ${anchor.thumbprint}) of ${store}`
  if (!native.identity) return pass(`${trusted}; the identity is the plugin’s to judge`)
  const { match, detail } = matchIdentity(leaf, statement.identities)
  // What is wrong comes first: who signed may have a name that is longer than the line.
  return match ? pass(trusted, [detail]) : fail('ERR_IDENTITY_UNTRUSTED', detail, [trusted])
}
