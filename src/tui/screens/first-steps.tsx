import { Text } from 'ink'
import { Frame } from '../components/frame.js'
import type { ScreenProps } from './screen.js'

/** First steps. */
export function FirstSteps(_: ScreenProps) {
  return (
    <Frame title="First steps" places={['everywhere']}>
      <Text>First steps</Text>
    </Frame>
  )
}
