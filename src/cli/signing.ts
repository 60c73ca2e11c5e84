import { randomBytes } from 'node:crypto'
import { parseDuration } from '../encoding/duration.js'
import { TransferError } from '../errors.js'
import { type KeyWords, parseKeySpec } from '../keys/key-spec.js'
import { parseMetadata } from '../sign/metadata.js'
import type { SigningOptions } from '../sign/signing-options.js'
import type { TimestampAuthority } from '../sign/timestamp.js'
import { parseCertificateFile } from '../trust/certificate/certificate.js'
import { ENVELOPE_COSE, ENVELOPE_JWS, type EnvelopeType } from '../trust/envelope/envelope.js'
import type { CommandContext, NetworkOptions } from './context.js'
import { openSigner } from './open-signer.js'
import { openExchange } from './web.js'

/** What the command line says about a signature, beside the key. */
export interface SigningWords extends KeyWords, NetworkOptions {
  readonly expiry?: string
  readonly metadata?: readonly string[]
  readonly timestampUrl?: string
  readonly timestampRoot?: string
}

export type EnvelopeFormat = 'jws' | 'cose'

/** Everything about a signature that can be wrong on the command line, found before anything is opened. */
export interface SigningRequest {
  readonly type: EnvelopeType
  readonly metadata: Readonly<Record<string, string>>
  readonly lifetimeMs?: number
  readonly timestamp?: { readonly url: string; readonly root: string }
}

/** @throws ERR_USAGE */
export function parseSigning(words: SigningWords, format: EnvelopeFormat): SigningRequest {
  const lifetimeMs = words.expiry === undefined ? undefined : lifetimeOf(words.expiry)
  const timestamp = timestampOf(words)
  return {
    type: format === 'cose' ? ENVELOPE_COSE : ENVELOPE_JWS,
    metadata: parseMetadata(words.metadata ?? []),
    ...(lifetimeMs === undefined ? {} : { lifetimeMs }),
    ...(timestamp === undefined ? {} : { timestamp }),
  }
}

/** @throws ERR_USAGE */
export function lifetimeOf(expiry: string): number {
  const lifetimeMs = parseDuration(expiry)
  if (lifetimeMs !== undefined) return lifetimeMs
  throw usage(`--expiry is not a span of time like 30d, 12h or 90m: ${JSON.stringify(expiry.slice(0, 100))}`)
}

function timestampOf({ timestampUrl: url, timestampRoot: root }: SigningWords): SigningRequest['timestamp'] {
  if (url === undefined && root === undefined) return undefined
  if (url === undefined || root === undefined) {
    // A token whose authority nobody names here may be one that no verifier trusts: that would show far too late.
    throw usage('a timestamp needs both: --timestamp-url URL, and --timestamp-root FILE with the authority’s root')
  }
  const address = URL.canParse(url) ? new URL(url) : undefined
  if (address !== undefined && (address.username !== '' || address.password !== '')) {
    // Not shown: messages end in the logs of nightly jobs.
    throw usage('--timestamp-url has a user name or password in it, which every process can read')
  }
  if (address === undefined || !/^https?:$/.test(address.protocol)) {
    throw usage(`--timestamp-url is not an http or https URL: ${JSON.stringify(url.slice(0, 200))}`)
  }
  return { url, root }
}

/** Opens the key, and the way to the authority; closes both after `use`. */
export async function withSigning<T>(
  words: SigningWords,
  given: { readonly request: SigningRequest; readonly context: CommandContext },
  use: (signing: SigningOptions) => Promise<T>,
): Promise<T> {
  const { request, context } = given
  const { timestamp, ...wishes } = request
  const spec = parseKeySpec(words)
  const opened = timestamp === undefined ? undefined : await openAuthority(timestamp, words, context)
  try {
    const signer = await openSigner(spec, context)
    try {
      return await use({
        ...wishes,
        signer,
        signingTime: context.createdAt(),
        now: context.now(),
        agent: context.generator,
        signal: context.signal,
        ...(opened === undefined ? {} : { authority: opened.authority }),
      })
    } finally {
      await signer.close()
    }
  } finally {
    await opened?.close()
  }
}

async function openAuthority(
  { url, root }: NonNullable<SigningRequest['timestamp']>,
  words: SigningWords,
  context: CommandContext,
) {
  const anchors = parseCertificateFile(await context.readFile(root), root, 'ERR_CONFIG_INVALID')
  const web = await openExchange(words, { agent: context.generator })
  const authority: TimestampAuthority = { url, anchors, exchange: web.exchange, nonce: () => randomBytes(16) }
  return { authority, close: () => web.close() }
}

function usage(message: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator' })
}
