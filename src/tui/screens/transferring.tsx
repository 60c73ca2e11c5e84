import { Box, Text } from 'ink'
import { useState } from 'react'
import { Ask } from '../components/ask.js'
import { ChecksPanel } from '../components/checks-panel.js'
import { Frame } from '../components/frame.js'
import { TransferBoard } from '../components/transfer-board.js'
import { useSize } from '../components/use-size.js'
import type { State } from '../state.js'
import { useKeys } from '../use-keys.js'
import { wrapLines } from '../wrap-lines.js'
import type { ScreenProps } from './screen.js'

type Words = Readonly<Partial<Record<State['work']['phase'], string>>>

const TITLES: Readonly<Record<'import' | 'export', Words>> = {
  import: { running: 'Import: verifying', loading: 'Import: loading', stopping: 'Import: stopping' },
  export: { running: 'Export: at work', stopping: 'Export: stopping' },
}

const STOP: Readonly<Record<'import' | 'export', Words>> = {
  import: {
    running: 'Stop? Nothing has been written yet.',
    loading: 'Stop? What is there stays, and the same import goes on from there.',
  },
  export: { running: 'Stop? There is no bundle then, and nothing is left behind.' },
}

/** A bundle while it is verified, while it is loaded, and while it is written. */
export function Transferring({ state, work, onTyping }: ScreenProps) {
  const { phase, paused } = state.work
  const kind = state.work.kind === 'export' ? 'export' : 'import'
  const { rows, columns } = useSize()
  const [asking, setAsking] = useState(false)
  const question = asking ? STOP[kind][phase] : undefined
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
      title={TITLES[kind][phase] ?? 'At work'}
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

/** The checks before a review, else the bytes. */
function Progress({ work, rows, columns }: ProgressProps) {
  const { transfer, review, kind } = work
  const checking = kind === 'import' && review === undefined
  const board = !checking ? rows : rows >= ROOMY ? BOARD_ROWS : 0
  return (
    <Box flexDirection="column" flexGrow={1} overflowY="hidden">
      {board === 0 ? null : <TransferBoard work={work} columns={columns} rows={board} />}
      {checking ? <ChecksPanel transfer={transfer} rows={rows - board} /> : null}
    </Box>
  )
}

const BOARD_ROWS = 5
/** rows from which on there is place for the checks, and for how far they are */
const ROOMY = 17
