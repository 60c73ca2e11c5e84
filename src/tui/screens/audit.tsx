import { Text } from 'ink'
import { Frame } from '../components/frame.js'
import type { ScreenProps } from './screen.js'

/** Audit. */
export function Audit(_: ScreenProps) {
  return (
    <Frame title="Audit" places={['everywhere']}>
      <Text>Audit</Text>
    </Frame>
  )
}
