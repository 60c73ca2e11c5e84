import { algorithmOf, type Digest, type DigestAlgorithm } from '../oci/digest.js'
import { type ByteRange, parseContentRange } from './byte-ranges.js'
import { announcedSize, answer, bodyOf, type Exchange } from './exchange.js'
import { Refusal } from './refusal.js'
import { requireDigest, requireName } from './routes.js'
import type { UploadFile } from './upload-file.js'
import type { UploadSession } from './upload-sessions.js'

/** POST …/blobs/uploads/: mounts a blob, takes one whole, or begins an upload (distribution-spec, pushing blobs). */
export async function startUpload(exchange: Exchange, repository: string): Promise<void> {
  const { query, uploads } = exchange
  const mount = query.get('mount')
  if (mount !== null && (await mounted(exchange, repository, requireDigest(mount)))) return
  const digest = query.get('digest')
  if (digest !== null) return await takeWhole(exchange, repository, requireDigest(digest))
  const session = await uploads.start(repository, requireAlgorithm(query.get('digest-algorithm') ?? 'sha256'))
  answer(exchange.response, 202, { ...progress(session), 'Docker-Upload-UUID': session.id })
}

async function mounted(exchange: Exchange, repository: string, digest: Digest): Promise<boolean> {
  const from = exchange.query.get('from')
  if (!(await exchange.store.mountBlob(repository, digest, from === null ? undefined : requireName(from)))) return false
  answerCreated(exchange, repository, digest)
  return true
}

async function takeWhole(exchange: Exchange, repository: string, digest: Digest): Promise<void> {
  const size = announcedSize(exchange.request)
  const file = await exchange.store.uploads.open({ algorithm: algorithmOf(digest), size })
  try {
    await file.append(bodyOf(exchange.request), size ?? Number.POSITIVE_INFINITY)
  } catch (cause) {
    await file.discard()
    throw cause
  }
  await admit(exchange, file, { repository, digest })
}

/** PATCH: the next chunk, or everything in one stream without `Content-Range`, as Docker and Podman send it. */
export async function appendUpload(exchange: Exchange, repository: string, id: string): Promise<void> {
  await exchange.uploads.use(id, repository, async (session) => {
    await appendBody(exchange, session, undefined)
    answer(exchange.response, 202, progress(session))
  })
}

/** PUT: the last chunk, if there is one, and the digest of the whole. */
export async function finishUpload(exchange: Exchange, repository: string, id: string): Promise<void> {
  const digest = requireDigest(exchange.query.get('digest') ?? '')
  await exchange.uploads.use(id, repository, async (session) => {
    await appendBody(exchange, session, session.size === 0 ? announcedSize(exchange.request) : undefined)
    const file = await session.file(0)
    exchange.uploads.end(session)
    await admit(exchange, file, { repository, digest })
  })
}

export async function uploadStatus(exchange: Exchange, repository: string, id: string): Promise<void> {
  await exchange.uploads.use(id, repository, async (session) => answer(exchange.response, 204, progress(session)))
}

export async function cancelUpload(exchange: Exchange, repository: string, id: string): Promise<void> {
  await exchange.uploads.use(id, repository, (session) => exchange.uploads.cancel(session))
  answer(exchange.response, 204, {})
}

/** @param total bytes of the whole blob, where this body is all of it and says how long it is */
async function appendBody(exchange: Exchange, session: UploadSession, total: number | undefined): Promise<void> {
  const size = announcedSize(exchange.request)
  const range = parseContentRange(exchange.request.headers['content-range'])
  checkPlace(range, size, session)
  if (size === 0) return
  const length = range === undefined ? size : range.last - range.first + 1
  const before = session.size
  const file = await session.file(total)
  try {
    await file.append(bodyOf(exchange.request), length ?? Number.POSITIVE_INFINITY)
    if (length !== undefined && session.size !== before + length) {
      throw new Refusal(400, 'SIZE_INVALID', 'the body is shorter than its Content-Range')
    }
  } catch (cause) {
    // After a lost connection the client goes on from the last byte; what contradicts itself cannot be gone on with.
    if (cause instanceof Refusal || session.broken) await exchange.uploads.cancel(session)
    throw cause
  }
}

function checkPlace(range: ByteRange | undefined, size: number | undefined, session: UploadSession): void {
  if (range === undefined) return
  if (range.first !== session.size) {
    const message = `the next byte is ${session.size}, the chunk begins at ${range.first}`
    throw new Refusal(416, 'BLOB_UPLOAD_INVALID', message, progress(session))
  }
  if (size !== undefined && size !== range.last - range.first + 1) {
    throw new Refusal(400, 'SIZE_INVALID', 'Content-Length and Content-Range do not agree')
  }
}

async function admit(
  exchange: Exchange,
  file: UploadFile,
  expected: { readonly repository: string; readonly digest: Digest },
): Promise<void> {
  const { repository, digest } = expected
  try {
    const found = await file.digest(algorithmOf(digest))
    if (found !== digest) throw new Refusal(400, 'DIGEST_INVALID', `the content has the digest ${found}`)
    await exchange.store.addBlob(repository, file, digest)
  } catch (cause) {
    await file.discard()
    throw cause
  }
  answerCreated(exchange, repository, digest)
}

function answerCreated(exchange: Exchange, repository: string, digest: Digest): void {
  const headers = { Location: `/v2/${repository}/blobs/${digest}`, 'Docker-Content-Digest': digest }
  answer(exchange.response, 201, headers)
}

/**
 * Where the upload goes on; relative, because a proxy may have given us another name. For no bytes the range is 0-0,
 * which cannot be told from one byte but is what clients know from other registries.
 */
function progress(session: UploadSession): Record<string, string> {
  return {
    Location: `/v2/${session.repository}/blobs/uploads/${session.id}`,
    Range: `0-${Math.max(0, session.size - 1)}`,
  }
}

function requireAlgorithm(name: string): DigestAlgorithm {
  if (name !== 'sha256' && name !== 'sha512') {
    throw new Refusal(400, 'DIGEST_INVALID', 'digests here are sha256 or sha512')
  }
  return name
}
