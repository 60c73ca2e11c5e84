import { Box, Text } from 'ink'
import { Choices } from '../components/choices.js'
import { Frame } from '../components/frame.js'
import type { Machine } from '../means.js'
import type { ScreenName } from '../state.js'
import type { ScreenProps } from './screen.js'
import { useMachine } from './use-machine.js'

// The order stays: who presses a key while the machine is still looked at must not get another screen.
const CHOICES: readonly { readonly label: string; readonly value: ScreenName }[] = [
  { label: 'First steps: keys, trust, a registry, a sample to try', value: 'first-steps' },
  { label: 'Import a bundle into a registry', value: 'import' },
  { label: 'Export from registries into a bundle', value: 'export' },
  { label: 'Audit a bundle or a receipt', value: 'audit' },
]

/** Where `waybill` begins: what is configured here, and what can be done. */
export function Home({ session, means }: ScreenProps) {
  const { machine, fault } = useMachine(means)
  return (
    <Frame title="carries container content across an air gap" places={['list', 'everywhere']}>
      <Box marginY={1} flexDirection="column" flexShrink={0}>
        <Text wrap="truncate">
          {fault ?? (machine === undefined ? 'Looking at what is configured here …' : factsOf(machine))}
        </Text>
        {machine !== undefined && isNew(machine) ? (
          <Text>Nothing is configured here yet: begin with First steps.</Text>
        ) : null}
      </Box>
      <Text>What do you want to do?</Text>
      <Box marginTop={1}>
        <Choices choices={CHOICES} onChosen={(screen) => session.tell({ type: 'opened', screen })} />
      </Box>
    </Frame>
  )
}

function isNew({ trusted, keys }: Machine): boolean {
  return trusted === 0 && keys === undefined
}

function factsOf({ trusted, keys, policy, registry }: Machine): string {
  const facts = [
    `exporters trusted: ${trusted}`,
    `keys: ${keys === undefined ? 'none' : 'there'}`,
    `import policy: ${policy === undefined ? 'none' : 'there'}`,
    ...(registry === undefined ? [] : [`registry: ${registry}`]),
  ]
  return facts.join(' · ')
}
