import type { OpenedBundle } from '../../bundle/reader.js'
import { notarySignatures } from '../../content/notary-signatures.js'
import type { CallOptions, ContentSource } from '../../content/store.js'
import { printable } from '../../encoding/printable.js'
import { hasCode } from '../../errors.js'
import type { Descriptor } from '../../oci/descriptor.js'
import type { CarriedSignature } from '../../trust/notary/verify-artifact.js'
import { linkedSignatures } from '../linked-signatures.js'

/** All signatures of something in a repository; a sentence where nobody could find out, which is never "none". */
export type SignaturesOf = (source: ContentSource, target: Descriptor) => Promise<readonly CarriedSignature[] | string>

/** The signatures that a bundle carries, as its document says and the closure check has proved. */
export function carriedSignatures(bundle: OpenedBundle, call: CallOptions): SignaturesOf {
  return async (source, target) => {
    try {
      return [...(await notarySignatures(source, target, call)), ...linkedSignatures(bundle, target, call)]
    } catch (cause) {
      if (!hasCode(cause, 'ERR_SOURCE_UNREACHABLE') && !hasCode(cause, 'ERR_BUNDLE_INCOMPLETE')) throw cause
      return `the exporter could not find out which signatures it has: ${printable(cause.message, 300)}`
    }
  }
}
