import { TransferError } from '../../errors.js'
import type { BareDescriptor } from '../../oci/descriptor.js'
import type { OpenedNv2 } from './nv2.js'
import { openNv2 } from './open-nv2.js'
import { type Nv2Check, verifyNv2 } from './verify-nv2.js'

/** What is wrong with the certificates, and not with the making. */
const ABOUT_CERTIFICATES: readonly Nv2Check['name'][] = ['chain', 'references', 'validity']
/** What can be judged without a certificate, which a key id stands for. */
const WITHOUT_CERTIFICATE: readonly Nv2Check['name'][] = ['target', 'time']

/**
 * Judges a JWT that was made here as a stranger would who trusts its signer: one that no verifier takes shows when it is too
 * late otherwise (docs/adr/0027). Of a key without a certificate only what is signed and the times can be judged.
 * @throws ERR_CONFIG_INVALID about the certificates, ERR_SIGNATURE_INVALID about anything else
 */
export async function checkMadeNv2(
  token: Uint8Array,
  given: { readonly target: BareDescriptor; readonly now: Date },
): Promise<OpenedNv2> {
  const opened = openNv2(token)
  const { signedBy } = opened
  const anchors = signedBy.kind === 'x5c' ? signedBy.chain.slice(-1) : []
  const { checks } = await verifyNv2(token, { ...given, anchors })
  const failed = checks.filter(
    ({ name, result }) => result === 'fail' && (signedBy.kind === 'x5c' || WITHOUT_CERTIFICATE.includes(name)),
  )
  if (failed.length === 0) return opened
  const why = failed.map(({ detail }) => detail).join('; ')
  if (failed.every(({ name }) => ABOUT_CERTIFICATES.includes(name))) {
    throw new TransferError('ERR_CONFIG_INVALID', `the signing certificate cannot be used: ${why}`, {
      side: 'operator',
    })
  }
  throw new TransferError('ERR_SIGNATURE_INVALID', `the signature that was made cannot be used: ${why}`)
}
