import { Text } from 'ink'
import { Frame } from '../components/frame.js'
import type { ScreenProps } from './screen.js'

/** Export. */
export function Export(_: ScreenProps) {
  return (
    <Frame title="Export" places={['everywhere']}>
      <Text>Export</Text>
    </Frame>
  )
}
