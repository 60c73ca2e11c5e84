import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileFault } from '../content/file-bytes.js'
import { TransferError } from '../errors.js'
import type { Emit, TransferEvent } from '../events.js'
import { LIMITS } from '../limits.js'
import { parseEvidenceFile } from '../trust/revocation/evidence-files.js'
import type { Evidence } from '../trust/revocation/revocation.js'

// A folder of notation's cache has one file for each list.
const MAX_FILES = 1_000
// base64 of a base list and of a delta list, and some words around them
const MAX_FILE_BYTES = 3 * LIMITS.crlBytes

/**
 * The evidence that the operator brings: files, and folders of them, told by what they are. In a folder a file that is
 * something else is left out with a warning; a file that is named itself must be evidence.
 * @throws ERR_CONFIG_INVALID, ERR_JSON_INVALID, ERR_LIMIT_EXCEEDED, ERR_MEDIUM
 */
export async function readEvidenceFiles(paths: readonly string[], emit: Emit): Promise<readonly Evidence[]> {
  const found: Evidence[] = []
  for (const path of paths) {
    const names = await namesIn(path)
    if (names === undefined) found.push(...parseEvidenceFile(await readEvidenceFile(path), path))
    else {
      const inside: Evidence[] = []
      for (const name of names) inside.push(...(await readMember(join(path, name), emit)))
      if (inside.length === 0) emit(nothingIn(path))
      found.push(...inside)
    }
  }
  return found
}

// `~/.cache/notation` in place of `~/.cache/notation/crl` would go unnoticed until the far side refuses.
function nothingIn(path: string): TransferEvent {
  const message = `${path} has no revocation list and no OCSP response; folders in it are not looked into`
  return { type: 'warning', code: 'evidence-file-ignored', message }
}

/** The files of a folder, in order; undefined for a file. */
async function namesIn(path: string): Promise<readonly string[] | undefined> {
  try {
    if (!(await stat(path)).isDirectory()) return undefined
    const entries = await readdir(path, { withFileTypes: true })
    const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
    if (names.length <= MAX_FILES) return names.sort()
  } catch (cause) {
    throw fileFault(`cannot read ${path}`, path, cause)
  }
  const message = `${path} has more than ${MAX_FILES} files, which is no folder of evidence`
  throw new TransferError('ERR_LIMIT_EXCEEDED', message, { side: 'operator', subject: path })
}

async function readMember(path: string, emit: Emit): Promise<readonly Evidence[]> {
  try {
    return parseEvidenceFile(await readEvidenceFile(path), path)
  } catch (cause) {
    if (!(cause instanceof TransferError) || cause.code === 'ERR_MEDIUM') throw cause
    emit({ type: 'warning', code: 'evidence-file-ignored', message: cause.message })
    return []
  }
}

/** A file of evidence, larger than others that an operator names may be. @throws ERR_MEDIUM, ERR_LIMIT_EXCEEDED */
export async function readEvidenceFile(path: string): Promise<Uint8Array> {
  const file = await open(path).catch((cause: unknown) => {
    throw fileFault(`cannot read ${path}`, path, cause)
  })
  try {
    const { size } = await file.stat()
    if (size > MAX_FILE_BYTES) {
      const message = `${path} has ${size} bytes; at most ${MAX_FILE_BYTES} are read of a file of evidence`
      throw new TransferError('ERR_LIMIT_EXCEEDED', message, { side: 'operator', subject: path })
    }
    return await file.readFile()
  } catch (cause) {
    throw cause instanceof TransferError ? cause : fileFault(`cannot read ${path}`, path, cause)
  } finally {
    await file.close()
  }
}
