import { Box, type DOMElement, measureElement, Text } from 'ink'
import { useLayoutEffect, useRef, useState } from 'react'
import type { ReviewNode } from '../../import/review/review.js'
import type { Command } from '../keys.js'
import { ACCENT, CHANGES, VERDICTS } from '../theme.js'
import { useKeys } from '../use-keys.js'

export interface DetailsProps {
  readonly node: ReviewNode
  /** the screen's own word in place of the verdict */
  readonly mark?: string | undefined
  readonly rows: number
  readonly columns: number
  /** false while something else has the keys */
  readonly active: boolean
  /** it is left with Esc, or with the key that goes up in the tree */
  readonly onLeave: () => void
  /** Enter, where there is something to be read: the document */
  readonly onRead?: (() => void) | undefined
}

const NAME_COLUMNS = 14

/** All that is known of a node, in full: nothing is cut, and it scrolls. */
export function Details({ node, mark, rows, columns, active, onLeave, onRead }: DetailsProps) {
  const content = useRef<DOMElement>(null)
  const [height, setHeight] = useState(0)
  const [top, setTop] = useState(0)
  const room = Math.max(1, rows - 1)
  const last = Math.max(0, height - room)
  useLayoutEffect(() => {
    if (content.current !== null) setHeight(measureElement(content.current).height)
  })
  const readable = node.document !== undefined && onRead !== undefined
  useKeys({
    places: ['pane', 'tree', 'everywhere'],
    active,
    on(command) {
      if (command === 'back' || command === 'close') onLeave()
      else if (command === 'read') (readable ? onRead : onLeave)()
      else setTop((before) => scrolled(Math.min(before, last), command, { room, last }))
    },
  })
  const shown = Math.min(top, last)
  const more = height > room ? `, lines ${shown + 1} to ${Math.min(height, shown + room)} of ${height}` : ''
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Box height={room} overflow="hidden" flexDirection="column">
        <Box ref={content} flexDirection="column" flexShrink={0} marginTop={-shown}>
          <Fact name="name" bold>
            {node.label}
          </Fact>
          <Fact name="kind">{verdictWords(node, mark)}</Fact>
          {node.details.map(([name, fact], at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: facts may be there twice, and never move
            <Fact key={at} name={name}>
              {fact}
            </Fact>
          ))}
        </Box>
      </Box>
      <Text wrap="truncate" dimColor>
        {`details${more}; Esc: back to the tree${readable ? '; Enter: read the document' : ''}`}
      </Text>
    </Box>
  )
}

interface FactProps {
  readonly name: string
  readonly bold?: boolean
  readonly children: string
}

/** Folded within its own column: no part of it can stand where the name of another fact does. */
function Fact({ name, bold = false, children }: FactProps) {
  return (
    <Box flexShrink={0}>
      <Box width={NAME_COLUMNS} flexShrink={0}>
        <Text wrap="truncate" dimColor>
          {name}
        </Text>
      </Box>
      <Box flexGrow={1} flexShrink={1}>
        <Text wrap="wrap" bold={bold} {...(bold ? { color: ACCENT } : {})}>
          {children}
        </Text>
      </Box>
    </Box>
  )
}

function verdictWords({ kind, verdict, change }: ReviewNode, mark: string | undefined): string {
  const words = [kind, mark ?? VERDICTS[verdict].word, change === undefined ? '' : CHANGES[change].word]
  return words.filter((word) => word !== '').join(', ')
}

function scrolled(
  top: number,
  command: Command,
  { room, last }: { readonly room: number; readonly last: number },
): number {
  const page = Math.max(1, room - 1)
  const steps = { up: -1, down: 1, 'page-up': -page, 'page-down': page }
  const by: Partial<Record<Command, number>> = { ...steps, first: -top, last }
  return Math.max(0, Math.min(last, top + (by[command] ?? 0)))
}
