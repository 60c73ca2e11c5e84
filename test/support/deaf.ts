import type { ContentSource } from '../../src/content/store.js'
import { TransferError } from '../../src/errors.js'

/** A source that nobody can ask what hangs on something. */
export function deaf(source: ContentSource): ContentSource {
  return {
    resolve: (selector, call) => source.resolve(selector, call),
    fetch: (descriptor, call) => source.fetch(descriptor, call),
    // biome-ignore lint/correctness/useYield: it fails before it lists anything
    async *referrers() {
      throw new TransferError('ERR_SOURCE_UNREACHABLE', 'no answer')
    },
  }
}
