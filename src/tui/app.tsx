import { Box } from 'ink'
import { useState, useSyncExternalStore } from 'react'
import { Notice } from './components/notice.js'
import { TooSmall, useTooSmall } from './components/too-small.js'
import type { Means } from './means.js'
import { Audit } from './screens/audit.js'
import { Export } from './screens/export.js'
import { FirstSteps } from './screens/first-steps.js'
import { Help } from './screens/help.js'
import { Home } from './screens/home.js'
import { Import } from './screens/import.js'
import type { ScreenProps } from './screens/screen.js'
import type { Session } from './session.js'
import { isRunning, type ScreenName, type State } from './state.js'
import { KeysHeld, useKeys } from './use-keys.js'
import { TypedKeys } from './use-typed.js'
import type { Work } from './work.js'

export interface AppProps {
  readonly session: Session
  readonly work: Work
  readonly means: Means
  /** leave, whatever is running */
  readonly onQuit: () => void
}

const SCREENS: Readonly<Record<ScreenName, (props: ScreenProps) => React.JSX.Element>> = {
  home: Home,
  'first-steps': FirstSteps,
  import: Import,
  export: Export,
  audit: Audit,
}

/** The screen that is open, or the help over it; and the keys that hold everywhere. */
export function App(props: AppProps) {
  return (
    <TypedKeys>
      <Screens {...props} />
    </TypedKeys>
  )
}

function Screens({ session, work, means, onQuit }: AppProps) {
  const state = useSyncExternalStore(session.subscribe, session.shown)
  const [typing, setTyping] = useState(false)
  const [over, setOver] = useState(false)
  const [asked, setAsked] = useState(false)
  const small = useTooSmall()
  const running = isRunning(state.work)
  useKeys({
    places: ['everywhere'],
    // The help hides what is typed in, and is left by the same keys everywhere.
    active: !typing || state.help,
    on(command) {
      // Nobody sees what it would do.
      if (small && command !== 'quit') return
      setAsked(command === 'quit' && running)
      if (command === 'help') session.tell({ type: 'help', shown: !state.help })
      else if (command === 'back' && state.help) session.tell({ type: 'help', shown: false })
      else if (command === 'back' && !running && !over && state.screens.length > 1) session.tell({ type: 'back' })
      else if (command === 'quit' && !running) onQuit()
    },
  })
  const Screen = SCREENS[state.screens.at(-1) ?? 'home']
  // A screen that is hidden stays as it is: nobody who looks at the help loses what is half typed.
  const hidden = state.help || small
  return (
    <Notice value={noticeOf(state.work, asked)}>
      <Box display={hidden ? 'none' : 'flex'}>
        <KeysHeld value={hidden}>
          <Screen {...{ state, session, work, means, onTyping: setTyping, onOver: setOver }} />
        </KeysHeld>
      </Box>
      {small ? <TooSmall /> : state.help ? <Help /> : null}
    </Notice>
  )
}

function noticeOf(work: State['work'], asked: boolean): string {
  if (work.phase === 'stopping') return 'stopping; Ctrl+C again leaves at once'
  return asked && isRunning(work) ? 'running: Ctrl+C stops it and leaves' : ''
}
