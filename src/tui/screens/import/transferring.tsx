import { Box, Text } from 'ink'
import { useState } from 'react'
import { Ask } from '../../components/ask.js'
import { ChecksPanel } from '../../components/checks-panel.js'
import { Frame } from '../../components/frame.js'
import { TransferBoard } from '../../components/transfer-board.js'
import { useSize } from '../../components/use-size.js'
import type { State } from '../../state.js'
import { useKeys } from '../../use-keys.js'
import { wrapLines } from '../../wrap-lines.js'
import type { ScreenProps } from '../screen.js'

const TITLES: Readonly<Partial<Record<State['work']['phase'], string>>> = {
  running: 'Import: verifying',
  loading: 'Import: loading',
  stopping: 'Import: stopping',
}

const STOP: Readonly<Partial<Record<State['work']['phase'], string>>> = {
  running: 'Stop? Nothing has been written yet.',
  loading: 'Stop? What is there stays, and the same import goes on from there.',
}

/** The bundle while it is verified, and while it is loaded. */
export function Transferring({ state, work, onTyping }: ScreenProps) {
  const { phase, paused } = state.work
  const { rows, columns } = useSize()
  const [asking, setAsking] = useState(false)
  const question = asking ? STOP[phase] : undefined
  useKeys({
    places: ['transfer'],
    active: question === undefined && phase !== 'stopping',
    on(command) {
      if (command === 'pause') work.pause(!paused)
      else if (command === 'stop') setAsking(true)
    },
  })
  const stop = (): void => {
    setAsking(false)
    work.stop()
  }
  const told = (paused ? 1 : 0) + (question === undefined ? 0 : wrapLines(question, columns).length + 1)
  const free = Math.max(1, rows - 2 - told)
  return (
    <Frame
      title={TITLES[phase] ?? 'Import'}
      places={phase === 'stopping' ? [] : question === undefined ? ['transfer', 'everywhere'] : ['question']}
    >
      <Progress work={state.work} rows={free} columns={columns} />
      {paused ? <Text bold>Paused: p goes on.</Text> : null}
      {question === undefined ? null : (
        <Ask lines={[question]} onYes={stop} onNo={() => setAsking(false)} onTyping={onTyping} />
      )}
    </Frame>
  )
}

interface ProgressProps {
  readonly work: State['work']
  readonly rows: number
  readonly columns: number
}

/** The checks before the review, the bytes after it. */
function Progress({ work, rows, columns }: ProgressProps) {
  const { transfer, review } = work
  const board = review !== undefined ? rows : rows >= ROOMY ? BOARD_ROWS : 0
  return (
    <Box flexDirection="column" flexGrow={1} overflowY="hidden">
      {board === 0 ? null : <TransferBoard work={work} columns={columns} rows={board} />}
      {review === undefined ? <ChecksPanel transfer={transfer} rows={rows - board} /> : null}
    </Box>
  )
}

const BOARD_ROWS = 5
/** rows from which on there is place for the checks, and for how far they are */
const ROOMY = 17
