import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'
import { LIMITS } from '../limits.js'
import { type Certificate, isSelfSigned, parseCertificateFile } from './certificate.js'
import { checkChain } from './certificate-chain.js'
import { formatPem } from './pem.js'

/** A store of the Notary Project's trust store. `ca` holds the roots that may answer for the scheme `notary.x509`. */
export interface TrustStoreName {
  readonly type: 'ca'
  readonly name: string
}

/**
 * The folder of a store: `CONFIG/truststore/x509/ca/NAME`, where `notation` looks too.
 * @throws ERR_USAGE for a name that is not letters, digits, dots, underscores and hyphens
 */
export function trustStoreFolder(configDir: string, { type, name }: TrustStoreName): string {
  // `.` and `..` keep the specification's grammar and would leave the folder.
  if (!/^[a-zA-Z0-9_.-]{1,100}$/.test(name) || /^\.+$/.test(name)) {
    throw new TransferError('ERR_USAGE', `${JSON.stringify(printable(name))} is not a name for a trust store`)
  }
  return join(configDir, 'truststore', 'x509', type, name)
}

/**
 * Every certificate of a store, each once (trust-store-trust-policy, "Trust Store"): all files of its folder, PEM or DER,
 * each certificate a CA or self-signed. Sub-directories are not looked at.
 * @throws ERR_TRUST_STORE_INVALID if the store is absent or empty, has a symbolic link, or a file that is anything else
 * @throws ERR_USAGE for a bad name
 */
export async function readTrustStore(configDir: string, store: TrustStoreName): Promise<readonly Certificate[]> {
  const folder = trustStoreFolder(configDir, store)
  const found = await readStore(folder, store.name)
  if (found.length === 0) invalid(`the trust store ${store.name} is empty: ${folder}`, folder)
  return found
}

export interface AddedToTrustStore {
  /** every certificate of the file that was given */
  readonly certificates: readonly Certificate[]
  /** the file that was written; absent if the store already had them all */
  readonly path?: string
}

/**
 * Adds root certificates (PEM or DER) to a store of type `ca`. Each must be self-signed, and a CA or a signing certificate
 * of its own: an intermediate or a leaf is trusted through its root. Only certificates are written, never the file as it
 * is; no file is ever overwritten, and what the store already has is not written again.
 * @param given `fileName`: what the file was called; the new one is called like it, as far as a store allows
 * @throws ERR_CONFIG_INVALID if the file holds anything else, ERR_TRUST_STORE_INVALID if the store is damaged
 * @throws ERR_USAGE for a bad store name; ERR_MEDIUM, ERR_DISK_FULL, ERR_FILE_EXISTS if it cannot be written
 */
export async function addToTrustStore(
  configDir: string,
  bytes: Uint8Array,
  given: { readonly store: string; readonly fileName: string },
): Promise<AddedToTrustStore> {
  const folder = trustStoreFolder(configDir, { type: 'ca', name: given.store })
  const what = printable(given.fileName)
  const certificates = parseCertificateFile(bytes, what, 'ERR_CONFIG_INVALID')
  for (const certificate of certificates) refuseNoRoot(certificate, what)
  await makeFolder(folder)
  const present = new Set((await readStore(folder, given.store)).map(({ thumbprint }) => thumbprint))
  const added = certificates.filter(({ thumbprint }) => !present.has(thumbprint))
  const [first] = added
  if (first === undefined) return { certificates }
  const stem =
    given.fileName
      .replace(/\.[^.]*$/, '')
      .replace(/[^a-zA-Z0-9_-]+/g, '_')
      .slice(0, 60) || 'root'
  const text = added.map(({ der }) => formatPem('CERTIFICATE', der)).join('')
  // Every `keys init` calls its root ca.crt: the second exporter's gets its thumbprint into the name.
  for (const name of [`${stem}.crt`, `${stem}-${first.thumbprint.slice(0, 16)}.crt`]) {
    const path = join(folder, name)
    if (await writeNewFile(path, text)) return { certificates, path }
  }
  throw new TransferError('ERR_FILE_EXISTS', `${what} cannot be added: a file with its name is in ${folder}`, {
    subject: folder,
  })
}

function refuseNoRoot(certificate: Certificate, what: string): void {
  const refuse = (why: string): never => {
    throw new TransferError('ERR_CONFIG_INVALID', `${what} cannot be trusted as a root: ${why}`, { subject: what })
  }
  if (!isSelfSigned(certificate))
    refuse(`${certificate.subject} is not self-signed, it was issued by ${certificate.issuer}`)
  if (certificate.basicConstraints?.ca === true) return
  const findings = checkChain([certificate])
  if (findings.length > 0) refuse(`it is not a CA, and not fit to sign either: ${findings.join('; ')}`)
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    throw unwritable(folder, cause)
  }
}

/** False if there is a file of this name. A file that could only be written in part is taken away again. */
async function writeNewFile(path: string, text: string): Promise<boolean> {
  const file = await open(path, 'wx', 0o644).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EEXIST') return undefined
    throw unwritable(path, cause)
  })
  if (file === undefined) return false
  try {
    await file.writeFile(text)
    await file.sync()
  } catch (cause) {
    await rm(path, { force: true }).catch(() => undefined)
    throw unwritable(path, cause)
  } finally {
    await file.close()
  }
  return true
}

function unwritable(path: string, cause: unknown): TransferError {
  const code = (cause as NodeJS.ErrnoException).code === 'ENOSPC' ? 'ERR_DISK_FULL' : 'ERR_MEDIUM'
  return new TransferError(code, `the trust store cannot be written: ${path}`, { cause, subject: path })
}

async function readStore(folder: string, store: string): Promise<readonly Certificate[]> {
  const found = new Map<string, Certificate>()
  for (const name of await listStore(folder, store)) {
    const what = `${printable(name)} of the trust store ${store}`
    for (const certificate of parseCertificateFile(await readRegularFile(join(folder, name), what), what, CODE)) {
      if (certificate.basicConstraints?.ca !== true && !isSelfSigned(certificate)) {
        invalid(`${what} holds ${certificate.subject}, which is neither a CA nor self-signed`, what)
      }
      found.set(certificate.thumbprint, certificate)
    }
  }
  return [...found.values()]
}

const CODE = 'ERR_TRUST_STORE_INVALID'

async function listStore(folder: string, name: string): Promise<readonly string[]> {
  try {
    // A link could be turned to another folder by whoever owns its target.
    if (!(await lstat(folder)).isDirectory()) invalid(`the trust store ${name} is not a folder: ${folder}`, folder)
    const entries = await readdir(folder, { withFileTypes: true })
    if (entries.length > LIMITS.trustStoreFiles) {
      invalid(`the trust store ${name} has more than ${LIMITS.trustStoreFiles} files: ${folder}`, folder)
    }
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => entry.name)
      .sort()
  } catch (cause) {
    if (cause instanceof TransferError) throw cause
    const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    return invalid(`the trust store ${name} ${absent ? 'does not exist' : 'cannot be read'}: ${folder}`, folder, cause)
  }
}

async function readRegularFile(path: string, what: string): Promise<Uint8Array> {
  try {
    if (!(await lstat(path)).isFile()) invalid(`${what} is not a regular file`, path)
    // Asked again by the open itself: between the two a file can become a link.
    const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
    try {
      const { size } = await file.stat()
      if (size > LIMITS.certificateBytes) invalid(`${what} has more than ${LIMITS.certificateBytes} bytes`, path)
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof TransferError) throw cause
    return invalid(`${what} cannot be read`, path, cause)
  }
}

function invalid(message: string, subject: string, cause?: unknown): never {
  throw new TransferError(CODE, message, { cause, subject, side: 'operator' })
}
