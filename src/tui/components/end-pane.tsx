import { Box, Text } from 'ink'
import { useEffect, useMemo } from 'react'
import { printable } from '../../encoding/printable.js'
import type { Command } from '../keys.js'
import type { WorkEnd } from '../means.js'
import { useCursor } from '../use-cursor.js'
import { useKeys } from '../use-keys.js'
import { markedLines } from '../wrap-lines.js'
import { Frame } from './frame.js'
import { Lines } from './lines.js'
import { useSize } from './use-size.js'

export interface EndPaneProps {
  readonly title: string
  readonly end: WorkEnd
  readonly onLeave: () => void
  readonly onOver: (over: boolean) => void
}

/** How a piece of work ended, what it would have printed as a command, and what to do next. */
export function EndPane({ title, end, onLeave, onOver }: EndPaneProps) {
  const { columns, rows } = useSize()
  const head = useMemo(() => headOf(end, columns), [end, columns])
  const lines = useMemo(() => bodyOf(end, columns), [end, columns])
  const free = Math.max(1, rows - 2 - head.length - 1)
  const { cursor, move } = useScroll(lines.length, free)
  useEffect(() => {
    onOver(true)
    return () => onOver(false)
  }, [onOver])
  useKeys({
    places: ['end', 'pane', 'everywhere'],
    on: (command) => (command === 'choose' || command === 'back' ? onLeave() : move(command)),
  })
  const more = lines.length - cursor - free
  return (
    <Frame title={title} places={['end', 'pane', 'everywhere']}>
      <Lines lines={head} bold />
      <Lines lines={lines.slice(cursor, cursor + free)} />
      <Box flexGrow={1} />
      <Text dimColor wrap="truncate">
        {more > 0 ? `↓ ${more} more lines` : cursor > 0 ? `↑ ${cursor} lines above` : ''}
      </Text>
    </Frame>
  )
}

/** A pane has no line that is chosen: its first one moves. */
function useScroll(count: number, rows: number) {
  const { cursor, now, move, set } = useCursor({ count: Math.max(1, count - rows + 1), rows: 1 })
  const page = Math.max(1, rows - 1)
  return {
    cursor: cursor.top,
    move(command: Command) {
      if (command === 'page-up') set({ at: now().at - page, top: 0 })
      else if (command === 'page-down') set({ at: now().at + page, top: 0 })
      else move(command)
    },
  }
}

function headOf({ headline }: WorkEnd, columns: number): readonly string[] {
  return markedLines(headline, columns).slice(0, 4)
}

function bodyOf(end: WorkEnd, columns: number): readonly string[] {
  const { headline, lines, next, command } = end
  const wrap = (line: string): readonly string[] => markedLines(line, columns)
  const part = (name: string, texts: readonly string[]): readonly string[] =>
    texts.length === 0 ? [] : ['', `${name}:`, ...texts.flatMap(wrap)]
  return [
    ...wrap(headline).slice(4),
    ...part('What next', next),
    ...part('What was found and done', lines),
    ...(command === '' ? [] : part('The same as a command', [printable(command, 2000)])),
  ]
}
