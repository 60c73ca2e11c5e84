import { Choose } from './import/choose.js'
import { Summary } from './import/summary.js'
import { Transferring } from './import/transferring.js'
import type { ScreenProps } from './screen.js'

/** Import: choose, verify, review, load, and what came of it. */
export function Import(props: ScreenProps) {
  const { kind, phase, end } = props.state.work
  if (kind !== 'import' || phase === 'idle') return <Choose {...props} />
  if (end !== undefined) return <Summary {...props} end={end} />
  return <Transferring {...props} />
}
