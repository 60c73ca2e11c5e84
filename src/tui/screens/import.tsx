import { Text } from 'ink'
import { Frame } from '../components/frame.js'
import type { ScreenProps } from './screen.js'

/** Import. */
export function Import(_: ScreenProps) {
  return (
    <Frame title="Import" places={['everywhere']}>
      <Text>Import</Text>
    </Frame>
  )
}
