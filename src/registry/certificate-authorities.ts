import { X509Certificate } from 'node:crypto'
import * as tls from 'node:tls'
import { TransferError } from '../errors.js'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g

/**
 * The roots that TLS trusts when the operator adds some: what Node trusts by itself, and these. Undefined where there
 * are none to add, which leaves Node's own way as it is.
 * @param extra PEM text, several certificates each
 * @throws ERR_CONFIG_INVALID where one of them holds no certificate, or a broken one
 */
export function trustedRoots(extra: readonly string[] | undefined): readonly string[] | undefined {
  if (extra === undefined || extra.length === 0) return undefined
  return [...ownRoots(), ...extra.flatMap((pem) => certificatesIn(pem))]
}

/** Newer Nodes also tell what NODE_EXTRA_CA_CERTS and --use-system-ca added. */
function ownRoots(): readonly string[] {
  const list = 'getCACertificates' in tls ? tls.getCACertificates : undefined
  const roots: unknown = typeof list === 'function' ? list('default') : undefined
  return Array.isArray(roots) ? roots.map(String) : tls.rootCertificates
}

function certificatesIn(pem: string): readonly string[] {
  const found = pem.match(CERTIFICATE) ?? []
  try {
    for (const certificate of found) new X509Certificate(certificate)
  } catch (cause) {
    throw new TransferError('ERR_CONFIG_INVALID', 'a certificate authority that was given is not a certificate', {
      cause,
      side: 'operator',
    })
  }
  if (found.length > 0) return found
  throw new TransferError('ERR_CONFIG_INVALID', 'a file of certificate authorities has no certificate in it', {
    side: 'operator',
  })
}
