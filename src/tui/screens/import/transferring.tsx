import { Box, Text } from 'ink'
import { useState } from 'react'
import { printable } from '../../../encoding/printable.js'
import { Ask } from '../../components/ask.js'
import { Frame } from '../../components/frame.js'
import { useSize } from '../../components/use-size.js'
import type { State } from '../../state.js'
import { useKeys } from '../../use-keys.js'
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
  const { phase, paused, transfer } = state.work
  const { rows } = useSize()
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
  const shown = transfer.checks.slice(-Math.max(1, rows - 6))
  return (
    <Frame title={TITLES[phase] ?? 'Import'} places={phase === 'stopping' ? [] : ['transfer', 'everywhere']}>
      <Box flexDirection="column" flexGrow={1} overflow="hidden">
        {shown.map(({ check, subject, result }) => (
          <Text key={`${check} ${subject}`} wrap="truncate">
            {`${RESULTS[result].padEnd(7)} ${printable(check)}  ${printable(subject)}`}
          </Text>
        ))}
      </Box>
      {paused ? <Text bold>Paused: p goes on.</Text> : null}
      {question === undefined ? null : (
        <Ask lines={[question]} onYes={stop} onNo={() => setAsking(false)} onTyping={onTyping} />
      )}
    </Frame>
  )
}

const RESULTS = { pass: 'ok', fail: 'FAIL', logged: 'logged', 'not-applicable': '-' } as const
