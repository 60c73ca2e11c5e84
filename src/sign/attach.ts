import { once } from '../content/reopenable.js'
import type { CallOptions, ContentSink } from '../content/store.js'
import type { SignaturePack } from './pack.js'

/**
 * Hangs a signature on its subject: first what the manifest names, then the manifest, which the sink makes findable from
 * the subject: by the Referrers API, its fallback tag, or `index.json`. What hangs there already stays.
 * @throws whatever the sink throws
 */
export async function attachSignature(pack: SignaturePack, sink: ContentSink, call: CallOptions): Promise<void> {
  for (const { descriptor, bytes } of pack.blobs) {
    if (!(await sink.has(descriptor, call))) await sink.push(descriptor, once(bytes), call)
  }
  await sink.push(pack.manifest.descriptor, once(pack.manifest.bytes), call)
}
