import { printable } from '../../encoding/printable.js'
import { type Digest, digestOf } from '../../oci/digest.js'
import { formatReference } from '../../oci/reference.js'
import type { MadeSignature } from '../../sign/signing-options.js'
import { ENVELOPE_COSE } from '../../trust/envelope/envelope.js'
import type { Nv2Claims, OpenedNv2 } from '../../trust/nv2/nv2.js'
import { parsePayload } from '../../trust/payload.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import type { OutputOf } from '../output.js'
import type { OpenedTarget } from '../sign-target.js'

/** Where the signature is: it hangs on its target, or lies in a file. */
export type Place = { readonly signature: Digest } | { readonly path: string }

type SignOutput = OutputOf<'waybill.sign.v1'>

/** What `sign` has made, for `--json`. */
export function madeOutput(made: MadeSignature, target: OpenedTarget, place: Place): SignOutput {
  const { opened, timestamp } = made
  const { expiry, signingTime } = opened.attributes
  const leaf = opened.chain[0]
  const root = opened.chain.at(-1)
  return {
    ...common(made.envelope, target, place),
    format: opened.type === ENVELOPE_COSE ? 'cose' : 'jws',
    algorithm: opened.algorithm,
    signer: {
      subject: leaf?.subject ?? '',
      thumbprint: leaf?.thumbprint ?? '',
      root: root?.subject ?? '',
      rootThumbprint: root?.thumbprint ?? '',
    },
    signedAt: formatTimestamp(signingTime),
    metadata: { ...parsePayload(opened.payload).metadata },
    ...(expiry === undefined ? {} : { expiry: formatTimestamp(expiry) }),
    ...(timestamp === undefined
      ? {}
      : {
          timestamp: {
            from: formatTimestamp(timestamp.earliest),
            to: formatTimestamp(timestamp.latest),
            authority: timestamp.chain[0]?.subject ?? '',
          },
        }),
    next: nextCommand(target, place),
  }
}

/** The same of a JWT of the prototype. */
export function madeNv2Output(
  { token, algorithm, signedBy, claims }: OpenedNv2,
  target: OpenedTarget,
  place: Place,
): SignOutput {
  const leaf = signedBy.kind === 'x5c' ? signedBy.chain[0] : undefined
  return {
    ...common(new TextEncoder().encode(token), target, place),
    format: 'nv2',
    algorithm,
    signer:
      leaf === undefined
        ? { keyId: signedBy.kind === 'kid' ? signedBy.keyId : '' }
        : { subject: leaf.subject, thumbprint: leaf.thumbprint },
    ...timesOf(claims),
    references: [...claims.references],
    next: nextCommand(target, place),
  }
}

function timesOf({ issuedAt, expiry }: Nv2Claims) {
  return {
    ...(issuedAt === undefined ? {} : { signedAt: formatTimestamp(issuedAt) }),
    ...(expiry === undefined ? {} : { expiry: formatTimestamp(expiry) }),
  }
}

function common(envelope: Uint8Array, { name, descriptor }: OpenedTarget, place: Place) {
  return { schema: 'waybill.sign.v1' as const, target: name, ...descriptor, envelope: digestOf(envelope), ...place }
}

function nextCommand({ reference, name, descriptor, describedBy }: OpenedTarget, place: Place): string {
  if ('path' in place) return `waybill verify --signature ${place.path} --subject ${describedBy ?? 'DESCRIPTOR.json'}`
  if (reference === undefined) return `waybill verify oci:${name}`
  const pinned = formatReference({ repository: reference.repository, digest: descriptor.digest })
  return `waybill export ${pinned} --output FILE --key KEY --cert CERT`
}

/** The same for a person; it is all our own, but for names that somebody gave. */
export function madeLines(output: SignOutput, { reference }: OpenedTarget): string[] {
  const { signer, path, signature } = output
  const who = signer.subject === undefined ? `the key ${signer.keyId ?? ''}` : printable(signer.subject)
  const isTag = reference?.tag !== undefined && reference.digest === undefined
  return [
    ...(isTag ? [`${output.target} is ${output.digest} now, and that is what is signed`] : []),
    `artifact   ${JSON.stringify({ mediaType: output.mediaType, digest: output.digest, size: output.size })}`,
    signature === undefined ? `signature  ${printable(path ?? '')}` : `signature  ${signature}`,
    `signed by  ${who}`,
    `algorithm  ${output.algorithm} (${output.format})`,
    `expiry     ${output.expiry ?? 'never'}`,
    ...(output.format === 'nv2'
      ? [`names      ${printable(output.references?.join(', ') || 'none')}`]
      : [timeLine(output)]),
    `SIGNED ${printable(output.target)}`,
    `next: ${printable(output.next)}`,
  ]
}

function timeLine({ timestamp }: SignOutput): string {
  if (timestamp === undefined) return 'timestamp  none: it counts as long as its certificates are valid'
  return `timestamp  ${timestamp.from} to ${timestamp.to}, by ${printable(timestamp.authority)}`
}
