import { Box, Text } from 'ink'
import { ACCENT } from '../theme.js'
import { useCursor } from '../use-cursor.js'
import { useKeys } from '../use-keys.js'

export interface Choice<T extends string> {
  readonly value: T
  /** printable */
  readonly label: string
}

export interface ChoicesProps<T extends string> {
  readonly choices: readonly Choice<T>[]
  readonly onChosen: (value: T) => void
  /** false while something else has the keys */
  readonly active?: boolean
}

/** A few things of which one is chosen. */
export function Choices<T extends string>({ choices, onChosen, active = true }: ChoicesProps<T>) {
  const { cursor, now, move } = useCursor({ count: choices.length, rows: choices.length })
  useKeys({
    places: ['list'],
    active,
    on(command) {
      const chosen = choices[now().at]
      if (command !== 'choose') move(command)
      else if (chosen !== undefined) onChosen(chosen.value)
    },
  })
  return (
    <Box flexDirection="column" flexShrink={0}>
      {choices.map(({ value, label }, at) => (
        <Text key={value} wrap="truncate" bold={at === cursor.at} {...(at === cursor.at ? { color: ACCENT } : {})}>
          {`${at === cursor.at ? '›' : ' '} ${label}`}
        </Text>
      ))}
    </Box>
  )
}
