import { Box, Text } from 'ink'
import { useEffect, useMemo, useState } from 'react'
import { printable } from '../../../encoding/printable.js'
import type { Digest } from '../../../oci/digest.js'
import { Frame, type FrameProps } from '../../components/frame.js'
import { useSize } from '../../components/use-size.js'
import type { KeyPlace } from '../../keys.js'
import type { Audit } from '../../means.js'
import { Tree } from '../../tree/tree.js'
import { useKeys } from '../../use-keys.js'
import { DocumentPane } from '../document-pane.js'
import type { ScreenProps } from '../screen.js'
import { Documents } from './documents.js'

export interface OpenedProps extends ScreenProps {
  readonly audit: Audit
}

/** A document that lies over the rest. */
interface Reading {
  readonly name: string
  readonly digest: Digest
}

const PLACES: Readonly<Record<'tree' | 'documents' | 'document', readonly KeyPlace[]>> = {
  tree: ['audit', 'tree', 'everywhere'],
  documents: ['list', 'everywhere'],
  document: ['pane', 'everywhere'],
}

/** A file that lies open: its tree, over it the list of documents, and over that one of them. */
export function Opened({ audit, work, onTyping, onOver }: OpenedProps) {
  const { columns, rows } = useSize()
  const [typing, setTyping] = useState(false)
  const [details, setDetails] = useState(false)
  const [filtered, setFiltered] = useState(false)
  const [listed, setListed] = useState(false)
  const [reading, setReading] = useState<Reading>()
  const nodes = useMemo(() => nodesOf(audit), [audit])
  useEffect(() => {
    onOver(true)
    return () => onOver(false)
  }, [onOver])
  useKeys({
    places: ['everywhere'],
    active: !typing && ((!details && !filtered) || listed || reading !== undefined),
    on(command) {
      if (command !== 'back') return
      if (reading !== undefined) setReading(undefined)
      else if (listed) setListed(false)
      else work.closeAudit()
    },
  })
  const type = (on: boolean): void => {
    setTyping(on)
    onTyping(on)
  }
  const place = reading !== undefined ? 'document' : listed ? 'documents' : 'tree'
  const room = { columns, rows: Math.max(3, rows - 3) }
  return (
    <Frame {...titleOf(audit)} places={PLACES[place]}>
      <Text wrap="truncate">{reading === undefined ? audit.summary : `Reading: ${reading.name}`}</Text>
      <Box display={place === 'tree' ? 'flex' : 'none'}>
        <Tree
          {...{ nodes, ...room }}
          onTyping={type}
          active={place === 'tree'}
          places={['audit']}
          onOver={setDetails}
          onFiltered={setFiltered}
          onCommand={(command, { document, label }) => {
            if (command === 'documents') setListed(true)
            else if (command === 'read' && document !== undefined) setReading({ name: label, digest: document.digest })
          }}
        />
      </Box>
      {listed ? (
        <Box display={place === 'documents' ? 'flex' : 'none'}>
          <Documents
            documents={audit.documents}
            {...room}
            active={place === 'documents'}
            onChosen={({ name, digest }) => setReading({ name, digest })}
          />
        </Box>
      ) : null}
      {reading === undefined ? null : (
        <DocumentPane {...{ from: audit, digest: reading.digest, ...room }} onTyping={type} />
      )}
    </Frame>
  )
}

/** Always to be seen, whatever the file calls itself: its name is cut, and the verdict is not. */
function titleOf({ path, verdict, end }: Audit): Pick<FrameProps, 'title' | 'verdict'> {
  const name = printable(path.split(/[\\/]/).at(-1) ?? path, 300).replaceAll('"', "'")
  return { title: `AUDIT of "${name}"`, verdict: { word: verdict, color: end.good ? 'green' : 'red' } }
}

function nodesOf({ review: { bundle, artifacts, removed } }: Audit) {
  return [bundle, ...artifacts, ...removed]
}
