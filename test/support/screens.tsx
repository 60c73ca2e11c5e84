import { App } from '../../src/tui/app.js'
import type { Means } from '../../src/tui/means.js'
import { createSession, type Session } from '../../src/tui/session.js'
import { type ScreenName, startState } from '../../src/tui/state.js'
import { createWork } from '../../src/tui/work.js'
import { drawAt, type Frames, type FramesOptions } from './frames.js'
import { meansWith } from './screen-means.js'

export interface OpenedScreens extends Frames {
  readonly session: Session
}

/** The whole user interface without a terminal: real state, real work, and the means of a test. */
export function openedAt(start: ScreenName, given: Partial<Means> & FramesOptions = {}): OpenedScreens {
  const { columns, rows, ...some } = given
  const means = meansWith(some)
  const session = createSession(startState(start), { now: means.now })
  const work = createWork({ means, session })
  const size = { ...(columns === undefined ? {} : { columns }), ...(rows === undefined ? {} : { rows }) }
  return { session, ...drawAt(<App {...{ session, work, means, onQuit: () => session.close() }} />, size) }
}
