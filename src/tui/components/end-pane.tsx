import { useLayoutEffect, useMemo, useState } from 'react'
import { printable } from '../../encoding/printable.js'
import type { WorkEnd } from '../means.js'
import { useKeys } from '../use-keys.js'
import { wrapCommand } from '../wrap-command.js'
import { markedLines } from '../wrap-lines.js'
import { Frame } from './frame.js'
import { Lines } from './lines.js'
import { MARGIN, Pane } from './pane.js'
import { useSize } from './use-size.js'

export interface EndPaneProps {
  readonly title: string
  readonly end: WorkEnd
  readonly onLeave: () => void
  readonly onOver: (over: boolean) => void
  readonly onTyping: (typing: boolean) => void
}

/** How a piece of work ended, what it would have printed as a command, and what to do next. */
export function EndPane({ title, end, onLeave, onOver, onTyping }: EndPaneProps) {
  const { columns, rows } = useSize()
  const head = useMemo(() => headOf(end, columns), [end, columns])
  const lines = useMemo(() => bodyOf(end, columns), [end, columns])
  const [typing, setTyping] = useState(false)
  useLayoutEffect(() => {
    onOver(true)
    return () => onOver(false)
  }, [onOver])
  useKeys({
    places: ['end', 'everywhere'],
    active: !typing,
    on: (command) => (command === 'choose' || command === 'back' ? onLeave() : undefined),
  })
  const type = (now: boolean): void => {
    setTyping(now)
    onTyping(now)
  }
  return (
    <Frame title={title} places={['end', 'pane', 'everywhere']}>
      <Lines lines={head} bold />
      <Pane lines={lines} rows={Math.max(3, rows - 2 - head.length)} columns={columns} onTyping={type} />
    </Frame>
  )
}

const HEAD_ROWS = 4

function headOf({ headline }: WorkEnd, columns: number): readonly string[] {
  return markedLines(headline, columns).slice(0, HEAD_ROWS)
}

function bodyOf({ headline, outcome = [], lines, next, command }: WorkEnd, columns: number): readonly string[] {
  const part = (name: string, texts: readonly string[]): readonly string[] =>
    texts.length === 0 ? [] : [`${name}:`, ...texts, '']
  return [
    ...markedLines(headline, columns).slice(HEAD_ROWS),
    ...part('What was done', outcome),
    ...part('What next', next),
    ...part(
      'The same as a command',
      command === '' ? [] : wrapCommand(printable(command, 2000), columns - MARGIN, { margin: true }),
    ),
    ...part('What the command says', lines),
  ]
}
