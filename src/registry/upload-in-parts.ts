import type { Descriptor } from '../oci/descriptor.js'
import { protocolError } from './failure.js'
import type { Answer } from './http-exchange.js'
import type { RepositoryApi } from './repository-api.js'
import { type ContentBody, PartCutter } from './request-body.js'
import { acceptStored, nextLocation, startUpload, withDigest } from './upload-session.js'

const MiB = 1024 * 1024
// The second is what GHCR takes at most; proxies that take less than a megabyte are not of this world.
const PART_BYTES = [16 * MiB, 4 * MiB, 1 * MiB] as const
// GHCR calls a part that is too large out of range.
const TOO_LARGE: readonly number[] = [413, 416]

interface PartsGiven {
  readonly what: string
  readonly signal: AbortSignal
  readonly body: ContentBody
  readonly mayRepeat: () => boolean
}

/**
 * Pushes a blob as several PATCH requests (distribution-spec, Pushing a blob in chunks), smaller ones where a registry
 * or a proxy refuses them as too large, and never smaller than the registry asks for.
 */
export async function pushInParts(api: RepositoryApi, descriptor: Descriptor, given: PartsGiven): Promise<void> {
  const sizes = PART_BYTES.filter((size) => size < descriptor.size)
  let answer: Answer | undefined
  for (const size of sizes.length === 0 ? [MiB] : sizes) {
    await answer?.body.discard()
    answer = await api.host.retries.run(given, () => sendParts(api, descriptor, { ...given, size }))
    if (!TOO_LARGE.includes(answer.status) || !given.body.canOpen()) break
  }
  if (answer !== undefined) await acceptStored(api, answer, { what: given.what, descriptor })
}

async function sendParts(
  api: RepositoryApi,
  descriptor: Descriptor,
  given: PartsGiven & { readonly size: number },
): Promise<Answer> {
  const { what, signal } = given
  const started = await startUpload(api, { what, signal })
  if ('refused' in started) return started.refused
  const cutter = new PartCutter(given.body.open())
  const length = Math.max(given.size, started.leastPartBytes)
  let { location } = started
  try {
    for (let at = 0; at < descriptor.size; at += length) {
      const end = Math.min(at + length, descriptor.size)
      const answer = await api.exchange({
        what,
        method: 'PATCH',
        to: location,
        headers: { 'content-type': 'application/octet-stream', 'content-range': `${at}-${end - 1}` },
        body: cutter.part(end - at),
        signal,
      })
      if (answer.status >= 300) return answer
      await answer.body.discard()
      checkTaken(api, answer, { what, end })
      location = nextLocation(api, answer) ?? location
    }
    await cutter.finish()
    const to = withDigest(location, descriptor)
    return await api.exchange({ what, method: 'PUT', to, body: new Uint8Array(), signal })
  } finally {
    await cutter.close()
  }
}

/** ECR answers 201 to a part and drops what follows: anything but 202 must say how much it has. */
function checkTaken(api: RepositoryApi, answer: Answer, given: { readonly what: string; readonly end: number }): void {
  const range = answer.headers.get('range')
  const last = /^(?:bytes=)?0-([0-9]{1,16})$/.exec(range?.trim() ?? '')?.[1]
  if (last === undefined ? answer.status === 202 : Number(last) + 1 === given.end) return
  throw protocolError(
    api.host.place,
    `cannot ${given.what} in parts: ${given.end} bytes were sent, it has ${last === undefined ? 'not said' : `0-${last}`}`,
  )
}
