import { Choose } from './import/choose.js'
import { Review } from './import/review.js'
import { Summary } from './import/summary.js'
import type { ScreenProps } from './screen.js'
import { Transferring } from './transferring.js'

/** Import: choose, verify, review, load, and what came of it. */
export function Import(props: ScreenProps) {
  const { kind, phase, end, review } = props.state.work
  if (kind !== 'import' || phase === 'idle') return <Choose {...props} />
  if (end !== undefined) return <Summary {...props} end={end} />
  if (phase === 'review' && review !== undefined) return <Review {...props} review={review} />
  return <Transferring {...props} />
}
