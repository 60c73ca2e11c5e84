import { Select } from '@inkjs/ui'
import { Box, Text } from 'ink'
import { useContext } from 'react'
import { Frame } from '../components/frame.js'
import type { ScreenName } from '../state.js'
import { KeysHeld } from '../use-keys.js'
import type { ScreenProps } from './screen.js'

const CHOICES: readonly { readonly label: string; readonly value: ScreenName }[] = [
  { label: 'First steps: keys, trust, a registry, a sample to try', value: 'first-steps' },
  { label: 'Import a bundle into a registry', value: 'import' },
  { label: 'Export from registries into a bundle', value: 'export' },
  { label: 'Audit a bundle or a receipt', value: 'audit' },
]

/** Where `waybill` begins. */
export function Home({ session }: ScreenProps) {
  const held = useContext(KeysHeld)
  return (
    <Frame title="carries container content across an air gap" places={['list', 'everywhere']}>
      <Box marginTop={1} flexDirection="column">
        <Text>What do you want to do?</Text>
        <Box marginTop={1}>
          <Select
            isDisabled={held}
            options={[...CHOICES]}
            onChange={(value) => session.tell({ type: 'opened', screen: value as ScreenName })}
          />
        </Box>
      </Box>
    </Frame>
  )
}
