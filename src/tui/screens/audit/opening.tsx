import { ChecksPanel } from '../../components/checks-panel.js'
import { Frame } from '../../components/frame.js'
import { TransferBoard } from '../../components/transfer-board.js'
import { useSize } from '../../components/use-size.js'
import { useKeys } from '../../use-keys.js'
import type { ScreenProps } from '../screen.js'

const BOARD_ROWS = 5
/** rows from which on there is place for the checks, and for how far they are */
const ROOMY = 17

/** A file while it is verified, check by check. */
export function Opening({ state, work }: ScreenProps) {
  const { phase, transfer } = state.work
  const { rows, columns } = useSize()
  useKeys({
    places: ['opening'],
    active: phase !== 'stopping',
    on: (command) => command === 'stop' && work.stop(),
  })
  const free = Math.max(1, rows - 2)
  const board = free >= ROOMY
  return (
    <Frame
      title={phase === 'stopping' ? 'Audit: stopping' : 'Audit: verifying'}
      places={phase === 'stopping' ? [] : ['opening', 'everywhere']}
    >
      {board ? <TransferBoard work={state.work} columns={columns} rows={BOARD_ROWS} /> : null}
      <ChecksPanel transfer={transfer} rows={board ? free - BOARD_ROWS : free} />
    </Frame>
  )
}
