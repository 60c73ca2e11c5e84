import { Box, Text } from 'ink'
import { Frame } from '../components/frame.js'
import { KEYS, type KeyPlace, keyName } from '../keys.js'

const PLACES: Readonly<Record<KeyPlace, string>> = {
  always: 'Always',
  everywhere: 'Everywhere',
  list: 'In lists',
  tree: 'In trees',
  review: 'In the review',
  transfer: 'While work is running',
  form: 'In forms',
  option: 'On an option',
  pane: 'In texts',
  audit: 'In an audit',
  end: 'At the end',
}

/** The one table of keys, as a person reads it. */
export function Help() {
  return (
    <Frame title="Keys" places={['everywhere']}>
      <Box flexDirection="row" flexWrap="wrap" columnGap={2}>
        {(Object.keys(PLACES) as KeyPlace[]).map((place) => (
          <Box key={place} flexDirection="column" width={38}>
            <Text bold>{PLACES[place]}</Text>
            {KEYS.filter((one) => one.place === place).map(({ keys, help }) => (
              <Text key={help} wrap="truncate">
                {keys.map(keyName).join(' ').padEnd(14)} {help}
              </Text>
            ))}
          </Box>
        ))}
      </Box>
    </Frame>
  )
}
