import { ProgressBar } from '@inkjs/ui'
import { Box, Text, useIsScreenReaderEnabled } from 'ink'
import { memo, useRef } from 'react'
import type { Work } from '../state.js'
import { percentOf } from '../transfer.js'
import { nextSlots, type Slots } from './slots.js'
import {
  blobLine,
  countWords,
  doneWords,
  headline,
  joined,
  noteLine,
  paceWords,
  spokenWords,
} from './transfer-words.js'

export interface TransferBoardProps {
  readonly work: Pick<Work, 'phase' | 'paused' | 'transfer'>
  readonly columns: number
  /** rows of the screen that it may take, at least 5; it takes all of them */
  readonly rows: number
}

const WIDE = 70
const SPOKEN_EVERY_MS = 5000

/** Bytes on their way: how far, how fast, what is under way, and what went wrong. */
export function TransferBoard(props: TransferBoardProps) {
  return useIsScreenReaderEnabled() ? <SpokenBoard {...props} /> : <DrawnBoard {...props} />
}

function DrawnBoard({ work, columns, rows }: TransferBoardProps) {
  const { transfer } = work
  const percent = percentOf(transfer)
  const [done, pace, counts] = [doneWords(transfer), paceWords(transfer), countWords(transfer)]
  // On a narrow screen each has a line of its own, also while it is empty: lines that come and go make all others jump.
  const facts = columns >= WIDE ? [joined([done, pace]), counts] : [done, pace, counts]
  const left = Math.max(0, rows - 2 - facts.length)
  const notes = transfer.notes.slice(-Math.max(1, Math.floor(left / 3))).slice(-left)
  return (
    <Box flexDirection="column" height={rows}>
      <Line bold text={headline(work)} />
      <Box height={1} width={columns}>
        {/* It measures its place when it is made, and not when that has changed. */}
        <ProgressBar key={columns} value={percent ?? 0} />
        <Text>{percent === undefined ? '     ' : ` ${percent} %`.padStart(6)}</Text>
      </Box>
      {facts.map((text, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the place of a line is what it is
        <Line key={at} text={text} />
      ))}
      <Blobs {...{ active: transfer.active, columns, rows: left - notes.length }} />
      {notes.map((note, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the place of a line is what it is
        <Line key={at} color="yellow" text={noteLine(note)} />
      ))}
    </Box>
  )
}

interface BlobsProps extends Pick<Work['transfer'], 'active'> {
  readonly columns: number
  readonly rows: number
}

function Blobs({ active, columns, rows }: BlobsProps) {
  const before = useRef<Slots>([])
  const slots = nextSlots(before.current, active, rows)
  before.current = slots
  const hidden = active.length - slots.filter((blob) => blob !== undefined).length
  return (
    <Box flexDirection="column" height={rows}>
      {slots.slice(0, slots.findLastIndex((blob) => blob !== undefined) + 1).map((blob, row) => {
        const last = hidden > 0 && row === slots.length - 1
        const text = last ? `and ${hidden + 1} more` : blob === undefined ? '' : blobLine(blob, columns)
        // biome-ignore lint/suspicious/noArrayIndexKey: a row stays where it is
        return <Line key={row} text={text} />
      })}
    </Box>
  )
}

interface LineProps {
  readonly text: string
  readonly color?: string
  readonly bold?: boolean
}

/** One line, drawn anew only where it says something else. An empty one has its row as well. */
const Line = memo(function Line({ text, color, bold = false }: LineProps) {
  return (
    <Text wrap="truncate" bold={bold} {...(color === undefined ? {} : { color })}>
      {text === '' ? ' ' : text}
    </Text>
  )
})

/** What a screen reader says: anew every few seconds, and at once where the work does something else. */
function SpokenBoard({ work }: TransferBoardProps) {
  const { phase, paused, transfer } = work
  const said = useRef<{ readonly about: string; readonly atMs: number; readonly lines: readonly string[] }>(undefined)
  const about = `${transfer.stage} ${phase} ${paused}`
  const { atMs } = transfer.pace
  if (said.current?.about !== about || atMs - said.current.atMs >= SPOKEN_EVERY_MS) {
    const lines = [spokenWords(work), ...transfer.notes.slice(-1).map(noteLine)]
    said.current = { about, atMs, lines }
  }
  return (
    <Box flexDirection="column">
      {said.current.lines.map((line) => (
        <Text key={line}>{line}</Text>
      ))}
    </Box>
  )
}
