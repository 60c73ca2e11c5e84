import { Box, Text } from 'ink'
import { useMemo, useRef, useState } from 'react'
import { printable } from '../../encoding/printable.js'
import { AT_TOP, type PaneExtent, type PaneState, scrolled, searched, topOf } from '../pane/pane-state.js'
import { fold, lineAt, rowsFrom } from '../pane/rows.js'
import { ACCENT } from '../theme.js'
import { useKeys } from '../use-keys.js'
import { TextField } from './text-field.js'

export interface PaneProps {
  /** printable; the same list as long as it is the same text */
  readonly lines: readonly string[]
  /** of the screen, at least 3; the last one says where one is */
  readonly rows: number
  readonly columns: number
  readonly active?: boolean
  readonly onTyping: (typing: boolean) => void
}

/** What stands before each row: whether its line was found, or goes on from the row above. */
export const MARGIN = 2

/** A text to read: long lines are folded, and only what is seen is drawn. */
export function Pane({ lines, rows, columns, active = true, onTyping }: PaneProps) {
  const width = Math.max(2, columns - MARGIN)
  const folded = useMemo(() => fold(lines, width), [lines, width])
  const extent: PaneExtent = { folded, rows: Math.max(1, rows - 1) }
  const kept = useRef<PaneState>(AT_TOP)
  const [, redraw] = useState(0)
  const [query, setQuery] = useState<string>()
  const become = (state: PaneState): void => {
    kept.current = state
    redraw((count) => count + 1)
  }
  const type = (text: string | undefined): void => {
    setQuery(text)
    if ((text === undefined) !== (query === undefined)) onTyping(text !== undefined)
  }
  useKeys({
    places: ['pane'],
    active: active && query === undefined,
    on: (command) => (command === 'search' ? type('') : become(scrolled(kept.current, command, extent))),
  })
  useKeys({
    places: ['form'],
    active: active && query !== undefined,
    on: (command) => command === 'leave' && type(undefined),
  })
  const search = (text: string): void => {
    type(undefined)
    become(searched(kept.current, text, { ...extent, back: false }))
  }
  const state = kept.current
  const top = topOf(state, extent)
  return (
    <Box flexDirection="column" height={rows}>
      <Box flexDirection="column" flexGrow={1} overflow="hidden">
        {rowsFrom(folded, top, extent.rows).map(({ row, line, text, first }) => {
          const found = line === state.hit
          return (
            <Text key={row} wrap="truncate" {...(found ? { color: ACCENT, bold: true } : {})}>
              {`${first ? (found ? '›' : ' ') : '↳'} ${text}`}
            </Text>
          )
        })}
      </Box>
      {query === undefined ? (
        <Text wrap="truncate" dimColor>
          {placeLine(state, extent)}
        </Text>
      ) : (
        <Box>
          <Text>Search: </Text>
          <TextField value={query} onChange={type} onSubmit={search} active={active} />
        </Box>
      )}
    </Box>
  )
}

function placeLine(state: PaneState, extent: PaneExtent): string {
  const { folded, rows } = extent
  const { length } = folded.lines
  const top = topOf(state, extent)
  const last = lineAt(folded, Math.max(top, Math.min(top + rows, folded.total) - 1))
  const place = length === 0 ? 'no lines' : `lines ${lineAt(folded, top) + 1} to ${last + 1} of ${length}`
  if (state.query === '') return place
  const query = printable(state.query, 40)
  // What was asked for stands first: a narrow screen cuts the end.
  return state.hit === undefined ? `"${query}" is not in it; ${place}` : `"${query}" in line ${state.hit + 1}; ${place}`
}
