/** The hashes that may stand in a token, by Node's names (trust-store-trust-policy, "Authentic Timestamp"). */
export type DigestName = 'sha256' | 'sha384' | 'sha512'

export const DIGEST_BYTES: Readonly<Record<DigestName, number>> = { sha256: 32, sha384: 48, sha512: 64 }

const BY_OID: ReadonlyMap<string, DigestName> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
])

/** The hash with this object identifier; undefined for SHA-1 and everything else that must not be relied on. */
export function digestOf(oid: string): DigestName | undefined {
  return BY_OID.get(oid)
}

/** The object identifier of a hash. */
export function oidOfDigest(digest: DigestName): string {
  for (const [oid, name] of BY_OID) if (name === digest) return oid
  throw new Error(`unreachable: ${digest}`)
}
