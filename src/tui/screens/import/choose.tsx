import { Box, Text } from 'ink'
import { useState } from 'react'
import { Choices } from '../../components/choices.js'
import { Frame } from '../../components/frame.js'
import type { ScreenProps } from '../screen.js'
import { useMachine } from '../use-machine.js'
import { ChooseFields } from './choose-fields.js'

/** Which bundle goes where. Nothing is opened before all of it is said. */
export function Choose(props: ScreenProps) {
  const { machine, fault } = useMachine(props.means)
  const [anyway, setAnyway] = useState(false)
  if (machine === undefined) {
    return (
      <Frame title="Import" places={['everywhere']}>
        <Text>{fault ?? 'Looking at what is configured here …'}</Text>
      </Frame>
    )
  }
  if (machine.trusted === 0 && !anyway) {
    const leave = (): void => {
      props.session.tell({ type: 'back' })
      props.session.tell({ type: 'opened', screen: 'first-steps' })
    }
    return <NobodyTrusted onFirstSteps={leave} onAnyway={() => setAnyway(true)} />
  }
  return <ChooseFields {...props} machine={machine} />
}

interface NobodyTrustedProps {
  readonly onFirstSteps: () => void
  readonly onAnyway: () => void
}

function NobodyTrusted({ onFirstSteps, onAnyway }: NobodyTrustedProps) {
  return (
    <Frame title="Import" places={['list', 'everywhere']}>
      <Box marginY={1}>
        <Text>
          No exporter is trusted on this machine, so every bundle will be refused. First steps show how to trust one.
        </Text>
      </Box>
      <Choices
        choices={[
          { label: 'Go to First steps', value: 'first-steps' },
          { label: 'Choose a bundle all the same', value: 'anyway' },
        ]}
        onChosen={(value) => (value === 'anyway' ? onAnyway() : onFirstSteps())}
      />
    </Frame>
  )
}
