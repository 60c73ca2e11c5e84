import type { CallOptions, ContentSource } from '../../content/store.js'
import { TransferError } from '../../errors.js'
import type { FormerMeaning } from '../journal/planned-name.js'

/** What of a repository at the target is needed to see what its tags mean. */
export type TargetNames = Pick<ContentSource, 'resolve'>

/**
 * What a tag means at the target now; undefined where there is no such tag. A registry that does not let us look counts as
 * one without the tag, as many answer so for what is not there.
 * @throws what the target throws, but for what is not there or cannot be read
 */
export async function meaningOf(
  tag: string,
  names: TargetNames,
  call: CallOptions,
): Promise<FormerMeaning | undefined> {
  try {
    return (await names.resolve({ kind: 'tag', tag }, call)).digest
  } catch (cause) {
    const code = cause instanceof TransferError && !isServerFault(cause) ? cause.code : undefined
    switch (code) {
      case 'ERR_NOT_FOUND':
      case 'ERR_FORBIDDEN':
        return undefined
      // Something is there: a manifest of Docker's schema 1, one that can be read in two ways, or nothing that is one.
      case 'ERR_CONTENT_AMBIGUOUS':
      case 'ERR_REGISTRY_PROTOCOL':
      case 'ERR_JSON_INVALID':
      case 'ERR_LIMIT_EXCEEDED':
        return 'unreadable'
      default:
        throw cause
    }
  }
}

/** Whether a registry has failed for reasons of its own, which says nothing of what it was asked about. */
export function isServerFault({ status }: TransferError): boolean {
  return status !== undefined && status >= 500
}
