import { X509Certificate } from 'node:crypto'
import { printable } from '../../encoding/printable.js'
import { hasCode } from '../../errors.js'
import { parseReference } from '../../oci/reference.js'
import type { Certificate } from '../certificate/certificate.js'
import type { Nv2Claims } from './nv2.js'

const SUBJECT_ALT_NAME = '2.5.29.17'
const IPV4 = /^[0-9]+(?:\.[0-9]+){3}$/

/**
 * The registry-name rule of the prototype: who signs names of a registry has a certificate of that registry's host.
 * Gives a sentence for each reference that the certificate does not cover.
 */
export function referenceFindings({ target, references }: Nv2Claims, certificate: Certificate): readonly string[] {
  return references.flatMap((text) => {
    const shown = printable(text, 300)
    const found = readReference(text)
    if (found === undefined) return [`${shown} is not the full name of an artifact`]
    if (found.digest !== undefined && found.digest !== target.digest) return [`${shown} names another digest`]
    if (isNamed(certificate, found.host)) return []
    return [`${shown} is of a registry whose name is not in the certificate of ${certificate.subject}`]
  })
}

function readReference(text: string) {
  try {
    const { repository, digest } = parseReference(text)
    // A certificate names hosts; the port is left out, as TLS does it.
    return { host: repository.registry.replace(/:[0-9]+$/, ''), digest }
  } catch (cause) {
    if (hasCode(cause, 'ERR_REFERENCE_INVALID')) return undefined
    throw cause
  }
}

/**
 * True if the certificate is one of this host: by its subject alternative names, and by its common name only where it has
 * none of those (docs/adr/0025). A wildcard stands for one whole label. An address must be there as an address.
 */
export function isNamed(certificate: Certificate, host: string): boolean {
  const native = new X509Certificate(certificate.der)
  const address = /^\[(.*)\]$/.exec(host)?.[1] ?? (IPV4.test(host) ? host : undefined)
  if (address !== undefined) return native.checkIP(address) !== undefined
  const subject = certificate.extension(SUBJECT_ALT_NAME) === undefined ? 'default' : 'never'
  return native.checkHost(host, { subject, partialWildcards: false }) !== undefined
}
