import { EndPane } from '../components/end-pane.js'
import { ChooseExport } from './export/choose.js'
import type { ScreenProps } from './screen.js'
import { Transferring } from './transferring.js'

/** Export: choose, write, and what came of it. */
export function Export(props: ScreenProps) {
  const { state, session, onOver, onTyping } = props
  const { kind, phase, end } = state.work
  if (kind !== 'export' || phase === 'idle') return <ChooseExport {...props} />
  if (end === undefined) return <Transferring {...props} />
  const leave = (): void => {
    session.tell({ type: 'work-left' })
    session.tell({ type: 'back' })
  }
  return <EndPane title="Export: what came of it" {...{ end, onOver, onTyping, onLeave: leave }} />
}
