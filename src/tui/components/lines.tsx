import { Text } from 'ink'

export interface LinesProps {
  /** printable; each is one line of the screen, whatever is in it */
  readonly lines: readonly string[]
  readonly bold?: boolean
}

/** Lines below each other, as they stand. */
export function Lines({ lines, bold = false }: LinesProps) {
  return lines
    .map((text, at) => ({ text, id: `line ${at}` }))
    .map(({ text, id }) => (
      <Text key={id} bold={bold} wrap="truncate">
        {text === '' ? ' ' : text}
      </Text>
    ))
}
