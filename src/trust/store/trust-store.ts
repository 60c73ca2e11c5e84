import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { printable } from '../../encoding/printable.js'
import { TransferError } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import { type Certificate, parseCertificateFile } from '../certificate/certificate.js'
import { formatPem } from '../pem.js'
import type { TrustStoreName } from '../policy/trust-policy.js'
import { isTrustStoreName } from './store-name.js'
import { anchorFault, rootFault } from './trust-anchor.js'

/**
 * The folder of a store: `CONFIG/truststore/x509/TYPE/NAME`, where `notation` looks too.
 * @throws ERR_USAGE for a name that is not letters, digits, dots, underscores and hyphens
 */
export function trustStoreFolder(configDir: string, { type, name }: TrustStoreName): string {
  if (!isTrustStoreName(name)) {
    throw new TransferError('ERR_USAGE', `${JSON.stringify(printable(name))} is not a name for a trust store`)
  }
  return join(configDir, 'truststore', 'x509', type, name)
}

/**
 * Every certificate of a store, each once (trust-store-trust-policy, "Trust Store"): all files of its folder, PEM or DER,
 * each certificate a CA or self-signed, those of a `tsa` store root CAs. Sub-directories are not looked at.
 * @throws ERR_TRUST_STORE_INVALID if the store is absent or empty, has a symbolic link, or a file that is anything else
 * @throws ERR_USAGE for a bad name
 */
export async function readTrustStore(configDir: string, store: TrustStoreName): Promise<readonly Certificate[]> {
  const folder = trustStoreFolder(configDir, store)
  const found = await readStore(folder, store)
  if (found.length === 0) invalid(`${describe(store)} is empty: ${folder}`, folder)
  return found
}

/**
 * Sentences about what is odd in a store and not forbidden: sub-directories, whose certificates somebody may believe to
 * be trusted (the specification wants the warning). What is forbidden is found when the store is read.
 */
export async function trustStoreWarnings(configDir: string, store: TrustStoreName): Promise<readonly string[]> {
  const folder = trustStoreFolder(configDir, store)
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => printable(name))
  const warn = (name: string) => `${describe(store)}: the sub-directory ${name} is not looked at: ${folder}`
  return folders.sort().slice(0, 10).map(warn)
}

/** True where a folder has this store, whatever is in it. @throws ERR_USAGE for a bad name */
export async function hasTrustStore(configDir: string, store: TrustStoreName): Promise<boolean> {
  const found = await lstat(trustStoreFolder(configDir, store)).catch(() => undefined)
  return found !== undefined
}

export interface AddedToTrustStore {
  /** every certificate of the file that was given */
  readonly certificates: readonly Certificate[]
  /** the file that was written; absent if the store already had them all */
  readonly path?: string
}

/**
 * Adds root certificates (PEM or DER) to a store. Each must be self-signed, and a CA or, but for `tsa`, a signing
 * certificate of its own: an intermediate or a leaf is trusted through its root. Only certificates are written, never the
 * file as it is; no file is ever overwritten, and what the store already has is not written again.
 * @param given `fileName`: what the file was called; the new one is called like it, as far as a store allows
 * @throws ERR_CONFIG_INVALID if the file holds anything else, ERR_TRUST_STORE_INVALID if the store is damaged
 * @throws ERR_USAGE for a bad store name; ERR_MEDIUM, ERR_DISK_FULL, ERR_FILE_EXISTS if it cannot be written
 */
export async function addToTrustStore(
  configDir: string,
  bytes: Uint8Array,
  given: { readonly store: TrustStoreName; readonly fileName: string },
): Promise<AddedToTrustStore> {
  const folder = trustStoreFolder(configDir, given.store)
  const what = printable(given.fileName)
  const certificates = parseCertificateFile(bytes, what, 'ERR_CONFIG_INVALID')
  const fault = certificates.map((certificate) => rootFault(certificate, given.store.type)).find(Boolean)
  if (fault !== undefined) {
    const message = `${what} cannot be trusted as a root: ${fault}`
    throw new TransferError('ERR_CONFIG_INVALID', message, { subject: what })
  }
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

const CODE = 'ERR_TRUST_STORE_INVALID'

function describe({ type, name }: TrustStoreName): string {
  return `the trust store ${type}:${name}`
}

async function readStore(folder: string, store: TrustStoreName): Promise<readonly Certificate[]> {
  const found = new Map<string, Certificate>()
  for (const name of await listStore(folder, store)) {
    const what = `${printable(name)} of ${describe(store)}`
    const path = join(folder, name)
    const bytes = await readRegularFile(path, LIMITS.certificateBytes, (why, cause) =>
      invalid(`${what} ${why}`, path, cause),
    )
    for (const certificate of parseCertificateFile(bytes, what, CODE)) {
      const fault = anchorFault(certificate, store.type)
      if (fault !== undefined) invalid(`${what} holds ${certificate.subject}, which ${fault}`, what)
      found.set(certificate.thumbprint, certificate)
    }
  }
  return [...found.values()]
}

async function listStore(folder: string, store: TrustStoreName): Promise<readonly string[]> {
  try {
    // A link could be turned to another folder by whoever owns its target.
    if (!(await lstat(folder)).isDirectory()) invalid(`${describe(store)} is not a folder: ${folder}`, folder)
    const entries = await readdir(folder, { withFileTypes: true })
    const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name)
    if (files.length > LIMITS.trustStoreFiles) {
      invalid(`${describe(store)} has more than ${LIMITS.trustStoreFiles} files: ${folder}`, folder)
    }
    return files.sort()
  } catch (cause) {
    if (cause instanceof TransferError) throw cause
    const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    return invalid(`${describe(store)} ${absent ? 'does not exist' : 'cannot be read'}: ${folder}`, folder, cause)
  }
}

/**
 * The bytes of a file that says whom to trust: a regular file and no link to one, also at the moment of opening.
 * @param refuse is called with the rest of a sentence about the file, and throws
 */
export async function readRegularFile(
  path: string,
  maxBytes: number,
  refuse: (why: string, cause?: unknown) => never,
): Promise<Uint8Array> {
  const facts = await lstat(path).catch((cause: unknown) => refuse('cannot be read', cause))
  if (!facts.isFile()) refuse('is not a regular file')
  // Asked again by the open itself and of what it opened: between the two a file can become a link, or a pipe that never ends.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
  const file = await open(path, flags).catch((cause: unknown) => refuse('cannot be read', cause))
  try {
    const opened = await file.stat()
    if (!opened.isFile()) refuse('is not a regular file')
    if (opened.size > maxBytes) refuse(`has more than ${maxBytes} bytes`)
    return await file.readFile()
  } catch (cause) {
    if (cause instanceof TransferError) throw cause
    return refuse('cannot be read', cause)
  } finally {
    await file.close()
  }
}

function invalid(message: string, subject: string, cause?: unknown): never {
  throw new TransferError(CODE, message, { cause, subject, side: 'operator' })
}
