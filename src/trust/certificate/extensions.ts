import { type DerElement, derElement, derElements } from '../der.js'
import type { RawExtension } from './fields.js'
import { BasicConstraintsExtension, ExtendedKeyUsageExtension, KeyUsagesExtension } from './x509.js'

/**
 * What a certificate says of itself beside its names and key. For a chain the Notary Project honours the first three, and
 * all others must be ignored, even unknown critical ones; revocation looks at some of those too.
 */
export interface CertificateExtensions {
  readonly basicConstraints:
    | { readonly ca: boolean; readonly pathLength: number | undefined; readonly critical: boolean }
    | undefined
  /** `usages` are the bits of `KeyUsageFlags` */
  readonly keyUsage: { readonly usages: number; readonly critical: boolean } | undefined
  /** object identifiers */
  readonly extendedKeyUsage: { readonly usages: readonly string[]; readonly critical: boolean } | undefined
  /** lower-case hexadecimal; undefined also where it cannot be read */
  readonly subjectKeyIdentifier: string | undefined
  /** the issuer's subject key identifier, lower-case hexadecimal; undefined where it is not named or cannot be read */
  readonly authorityKeyIdentifier: string | undefined
  /** Any extension by its object identifier, undecoded: whoever asks knows its form, and what a malformed one means. */
  extension(oid: string): RawExtension | undefined
}

const BASIC_CONSTRAINTS = '2.5.29.19'
const KEY_USAGE = '2.5.29.15'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14'
const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35'

/** Decodes the extensions. Throws whatever the parser throws; the caller says which certificate it was. */
export function readExtensions(found: ReadonlyMap<string, RawExtension>): CertificateExtensions {
  const constraints = found.get(BASIC_CONSTRAINTS)
  const usage = found.get(KEY_USAGE)
  const purposes = found.get(EXTENDED_KEY_USAGE)
  return {
    basicConstraints: constraints && readBasicConstraints(constraints),
    keyUsage: usage && { usages: new KeyUsagesExtension(usage.bytes).usages, critical: usage.critical },
    extendedKeyUsage: purposes && {
      usages: Array.from(new ExtendedKeyUsageExtension(purposes.bytes).usages, String),
      critical: purposes.critical,
    },
    subjectKeyIdentifier: hexOf(found.get(SUBJECT_KEY_IDENTIFIER), (element) =>
      element.tag === 0x04 ? element : undefined,
    ),
    authorityKeyIdentifier: hexOf(found.get(AUTHORITY_KEY_IDENTIFIER), (element) =>
      derElements(element.content).find(({ tag }) => tag === 0x80),
    ),
    extension: (oid) => found.get(oid),
  }
}

/** Extensions that only help to find a certificate must not make one unreadable. */
function hexOf(
  raw: RawExtension | undefined,
  pick: (element: DerElement) => DerElement | undefined,
): string | undefined {
  try {
    const found = raw && pick(derElement(raw.value))
    return found && Buffer.from(found.content).toString('hex')
  } catch {
    return undefined
  }
}

function readBasicConstraints(raw: RawExtension): CertificateExtensions['basicConstraints'] {
  const { ca, pathLength } = new BasicConstraintsExtension(raw.bytes)
  // The library gives an integer of more than three octets as text.
  return { ca, pathLength: pathLength === undefined ? undefined : Number(pathLength), critical: raw.critical }
}
