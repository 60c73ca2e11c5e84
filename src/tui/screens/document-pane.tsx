import { Text } from 'ink'
import { useEffect, useState } from 'react'
import { TransferError } from '../../errors.js'
import type { Digest } from '../../oci/digest.js'
import { Pane } from '../components/pane.js'
import type { ReadsDocuments } from '../means.js'
import { endOfFault } from '../work.js'

export interface DocumentPaneProps {
  readonly from: ReadsDocuments
  readonly digest: Digest
  readonly rows: number
  readonly columns: number
  readonly onTyping: (typing: boolean) => void
}

/** One document, read again from its file and hashed: what has changed since is told, and not shown. */
export function DocumentPane({ from, digest, rows, columns, onTyping }: DocumentPaneProps) {
  const lines = useLines(from, digest)
  if (lines === undefined) return <Text>Reading and hashing it …</Text>
  return <Pane {...{ lines, rows, columns, onTyping }} />
}

function useLines(from: ReadsDocuments, digest: Digest): readonly string[] | undefined {
  const [lines, setLines] = useState<readonly string[]>()
  useEffect(() => {
    const left = new AbortController()
    from.read(digest, { signal: left.signal }).then(
      (read) => left.signal.aborted || setLines(read),
      (cause: unknown) => left.signal.aborted || setLines(faultLines(cause)),
    )
    return () => left.abort(new TransferError('ERR_CANCELLED', 'nobody reads it any more'))
  }, [from, digest])
  return lines
}

function faultLines(cause: unknown): readonly string[] {
  return ['It cannot be read.', '', ...endOfFault(cause).lines]
}
