import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { printable } from '../../encoding/printable.js'
import { TransferError } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import type { Certificate } from '../certificate/certificate.js'
import { parseTrustPolicy } from '../policy/parse-policy.js'
import type { TrustFolder, TrustPolicy, TrustStoreName } from '../policy/trust-policy.js'
import { readRegularFile, readTrustStore, trustStoreWarnings } from './trust-store.js'

const OCI_POLICY = 'trustpolicy.oci.json'
const LEGACY_POLICY = 'trustpolicy.json'
const BLOB_POLICY = 'trustpolicy.blob.json'

/**
 * Opens a folder that says whom to trust, in notation's own form: `trustpolicy.oci.json`, and only where that is absent
 * `trustpolicy.json`; `trustpolicy.blob.json`; the stores below `truststore/x509`. A broken policy is never passed over
 * for another one. Where there is none of the files, or no folder, there is no policy, and nobody is trusted.
 * @throws ERR_TRUST_POLICY_INVALID
 */
export async function openTrustFolder(dir: string): Promise<TrustFolder> {
  const oci = (await readPolicy(dir, OCI_POLICY, 'oci')) ?? (await readPolicy(dir, LEGACY_POLICY, 'oci'))
  const blob = await readPolicy(dir, BLOB_POLICY, 'blob')
  const stores = new Map<string, Promise<readonly Certificate[]>>()
  return {
    dir,
    ...(oci === undefined ? {} : { oci }),
    ...(blob === undefined ? {} : { blob }),
    store: (store) => {
      const key = `${store.type}:${store.name}`
      const known = stores.get(key) ?? readTrustStore(dir, store)
      stores.set(key, known)
      return known
    },
  }
}

async function readPolicy(dir: string, name: string, kind: TrustPolicy['kind']): Promise<TrustPolicy | undefined> {
  const path = join(dir, name)
  const refuse = (why: string, cause?: unknown): never => {
    const message = `the trust policy ${printable(path)} ${why}`
    throw new TransferError('ERR_TRUST_POLICY_INVALID', message, { cause, subject: path, side: 'operator' })
  }
  const facts = await lstat(path).catch((cause: NodeJS.ErrnoException) =>
    cause.code === 'ENOENT' ? undefined : refuse('cannot be read', cause),
  )
  if (facts === undefined) return undefined
  const policy = parseTrustPolicy(await readRegularFile(path, LIMITS.trustPolicyBytes, refuse), kind, path)
  // notation looks at nobody's rights, so this is no error; but then anybody on this machine says who is trusted.
  const open = (facts.mode & 0o002) === 0 ? [] : [`the trust policy ${printable(path)} can be written by everybody`]
  return { ...policy, warnings: [...policy.warnings, ...open, ...(await aroundPolicy(dir, name, policy))] }
}

/** What is odd beside the policy: in the stores that it names, and a file that it keeps from being read. */
async function aroundPolicy(dir: string, name: string, policy: TrustPolicy): Promise<readonly string[]> {
  const named = new Map<string, TrustStoreName>()
  for (const store of policy.statements.flatMap(({ stores }) => stores)) named.set(`${store.type}:${store.name}`, store)
  const warnings: string[] = []
  for (const store of named.values()) warnings.push(...(await trustStoreWarnings(dir, store)))
  const unread = name === OCI_POLICY && (await lstat(join(dir, LEGACY_POLICY)).catch(() => undefined)) !== undefined
  return unread ? [...warnings, `${LEGACY_POLICY} is not read, because there is ${OCI_POLICY}`] : warnings
}
