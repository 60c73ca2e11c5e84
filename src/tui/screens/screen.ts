import type { Means } from '../means.js'
import type { Session } from '../session.js'
import type { State } from '../state.js'
import type { Work } from '../work.js'

/** What every screen is given. It draws `state`, and has things done through the others. */
export interface ScreenProps {
  readonly state: State
  readonly session: Session
  readonly work: Work
  readonly means: Means
  /** While a text is being typed, `q` and `?` are letters: a screen says so, and takes it back. */
  readonly onTyping: (typing: boolean) => void
  /** While something of its own lies over the screen, `back` leaves that, and not the screen: it says so, and takes it back. */
  readonly onOver: (over: boolean) => void
}
