import { constants } from 'node:fs'
import { lstat, open, opendir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileFault } from '../../content/file-bytes.js'
import { limited } from '../../content/limited.js'
import { printable } from '../../encoding/printable.js'
import { LIMITS } from '../../limits.js'
import { COMPACT_PREFIX } from '../../receipt/compact.js'
import type { FolderEntry } from '../../tui/means.js'

/**
 * What can be opened in a folder: folders first, each kind by name, at most `LIMITS.listedEntries`. Names are printable, paths
 * are as they are. Nothing but folders and regular files is opened or listed.
 * @throws ERR_MEDIUM
 */
export async function listFolder(folder: string): Promise<readonly FolderEntry[]> {
  const dir = resolve(folder)
  const names = await namesOf(dir).catch((cause: unknown) => {
    throw fileFault(`cannot read the folder ${dir}`, dir, cause)
  })
  const entries: FolderEntry[] = []
  // A share that does not answer must not hold up thousands of questions at once.
  const given = { limit: 16, signal: new AbortController().signal }
  await limited(names, given, async (name) => {
    const entry = await entryOf(dir, name)
    if (entry !== undefined) entries.push(entry)
  })
  return entries.sort(inOrder)
}

async function namesOf(dir: string): Promise<readonly string[]> {
  const names: string[] = []
  for await (const { name } of await opendir(dir)) {
    if (names.push(name) >= LIMITS.readEntries) break
  }
  // Of very many those stay that have the name of something that is looked for; names, and not the disk, decide which.
  return names.sort(likeliest).slice(0, LIMITS.listedEntries)
}

const LIKELY = /\.(?:tar|receipt|json|crt|cer|pem|der)$|receipt/i

function likeliest(a: string, b: string): number {
  return Number(LIKELY.test(b)) - Number(LIKELY.test(a)) || (a < b ? -1 : 1)
}

function inOrder(a: FolderEntry, b: FolderEntry): number {
  const folders = Number(b.kind === 'folder') - Number(a.kind === 'folder')
  if (folders !== 0) return folders
  return a.path < b.path ? -1 : 1
}

/** Undefined for a device, a pipe, a socket, and what is gone or not for us: opening those may never end, or do something. */
async function entryOf(dir: string, name: string): Promise<FolderEntry | undefined> {
  const path = join(dir, name)
  const facts = await lstat(path)
    .then((own) => (own.isSymbolicLink() ? stat(path) : own))
    .catch(() => undefined)
  if (facts?.isDirectory() === true) return { name: printable(name), path, kind: 'folder', size: 0 }
  if (facts?.isFile() !== true) return undefined
  return { name: printable(name), path, kind: kindOf(name, await firstBytes(path)), size: facts.size }
}

const LOOKED_AT = 512

async function firstBytes(path: string): Promise<Buffer> {
  // Between the question and the opening a file may have become a pipe; without O_NONBLOCK that would be waited for.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(() => undefined)
  if (file === undefined) return Buffer.alloc(0)
  try {
    if (!(await file.stat()).isFile()) return Buffer.alloc(0)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LOOKED_AT), 0, LOOKED_AT, 0)
    return buffer.subarray(0, bytesRead)
  } catch {
    // A sector that cannot be read: the file is listed all the same, and named when it is opened.
    return Buffer.alloc(0)
  } finally {
    await file.close().catch(() => undefined)
  }
}

const USTAR_AT = 257
/** How a receipt begins, with its members in their one order. */
const RECEIPT = /^\{"(?:allowedRollback":"|bundle":\{"createdAt":)/

/** A guess for a list: whoever opens the file looks closer. */
function kindOf(name: string, first: Buffer): FolderEntry['kind'] {
  const text = first.toString('latin1')
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  if (text.startsWith('-----BEGIN CERTIFICATE')) return 'certificate'
  if (first[0] === 0x30 && ['crt', 'cer', 'der', 'pem'].includes(ending)) return 'certificate'
  if (text.startsWith('ustar', USTAR_AT)) return 'bundle'
  if (text.startsWith(COMPACT_PREFIX)) return 'receipt'
  if (RECEIPT.test(text) || (text.startsWith('{') && /receipt/i.test(name))) return 'receipt'
  return 'other'
}
