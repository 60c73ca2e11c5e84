import type { BundleDocument } from '../../bundle/document.js'
import type { ImportPolicy, StreamRule } from '../../policy/import-policy.js'
import { matchesName } from '../../policy/patterns.js'

/** The rule for the stream of a bundle: the first that has it. */
export function streamRuleOf(
  policy: Pick<ImportPolicy, 'streams'>,
  { stream }: Pick<BundleDocument, 'stream'>,
): StreamRule | undefined {
  return stream === undefined ? undefined : policy.streams.find((rule) => matchesName(rule.stream, stream))
}
