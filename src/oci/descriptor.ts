import type { Digest } from './digest.js'
import { digestOf } from './digest.js'

/** What points at content (image-spec descriptor.md). `data` and `urls` are never followed, so they are not here. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  /** bytes */
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: Platform
}

export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly 'os.version'?: string
}

/** The descriptor of bytes in memory. */
export function describe(mediaType: string, bytes: Uint8Array): BareDescriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength }
}

/** Only what identifies content; what an index says beside it stays behind. */
export function bare(descriptor: Descriptor): BareDescriptor {
  return { mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size }
}

export type BareDescriptor = Pick<Descriptor, 'mediaType' | 'digest' | 'size'>
