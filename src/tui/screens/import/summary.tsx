import { EndPane } from '../../components/end-pane.js'
import type { WorkEnd } from '../../means.js'
import type { ScreenProps } from '../screen.js'

/** What came of an import. */
export function Summary({ session, end, onOver, onTyping }: ScreenProps & { readonly end: WorkEnd }) {
  const leave = (): void => {
    session.tell({ type: 'work-left' })
    session.tell({ type: 'back' })
  }
  return <EndPane title="Import: what came of it" {...{ end, onOver, onTyping, onLeave: leave }} />
}
