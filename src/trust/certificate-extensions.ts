import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsagesExtension,
  X509Certificate,
} from './x509.js'

/** The only three extensions that the Notary Project honours; all others must be ignored, even unknown critical ones. */
export interface CertificateExtensions {
  readonly basicConstraints:
    | { readonly ca: boolean; readonly pathLength: number | undefined; readonly critical: boolean }
    | undefined
  /** `usages` are the bits of `KeyUsageFlags` */
  readonly keyUsage: { readonly usages: number; readonly critical: boolean } | undefined
  /** object identifiers */
  readonly extendedKeyUsage: { readonly usages: readonly string[]; readonly critical: boolean } | undefined
}

const BASIC_CONSTRAINTS = '2.5.29.19'
const KEY_USAGE = '2.5.29.15'
const EXTENDED_KEY_USAGE = '2.5.29.37'

/** Decodes the three extensions. Throws whatever the parser throws; the caller says which certificate it was. */
export function readExtensions(der: Uint8Array): CertificateExtensions {
  const found = new RawExtensions(der)
  const constraints = found.one(BASIC_CONSTRAINTS)
  const usage = found.one(KEY_USAGE)
  const purposes = found.one(EXTENDED_KEY_USAGE)
  return {
    basicConstraints: constraints && readBasicConstraints(constraints),
    keyUsage: usage && { usages: new KeyUsagesExtension(usage.rawData).usages, critical: usage.critical },
    extendedKeyUsage: purposes && {
      usages: Array.from(new ExtendedKeyUsageExtension(purposes.rawData).usages, String),
      critical: purposes.critical,
    },
  }
}

function readBasicConstraints(raw: Extension): CertificateExtensions['basicConstraints'] {
  const { ca, pathLength } = new BasicConstraintsExtension(raw.rawData)
  return { ca, pathLength, critical: raw.critical }
}

/** Reaches the extensions undecoded: the library's own list decodes all of them, and fails where one is malformed. */
class RawExtensions extends X509Certificate {
  one(type: string): Extension | undefined {
    const [first, ...more] = (this.asn.tbsCertificate.extensions ?? []).filter(({ extnID }) => extnID === type)
    // RFC 5280 §4.2. Of two basicConstraints one reader takes the first, another the last.
    if (more.length > 0) throw new Error(`the extension ${type} is there twice`)
    return first && new Extension(type, first.critical, first.extnValue.buffer)
  }
}
