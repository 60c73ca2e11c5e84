import { Box, Text } from 'ink'
import { useLayoutEffect } from 'react'
import { useKeys } from '../use-keys.js'

export interface AskProps {
  /** what will happen, in words; one line each, printable */
  readonly lines: readonly string[]
  readonly onYes: () => void
  readonly onNo: () => void
  readonly onTyping: (typing: boolean) => void
}

/** A question that only `y` says yes to: Enter, Esc and `n` are no. */
export function Ask({ lines, onYes, onNo, onTyping }: AskProps) {
  useLayoutEffect(() => {
    onTyping(true)
    return () => onTyping(false)
  }, [onTyping])
  useKeys({ places: ['question'], on: (command) => (command === 'yes' ? onYes() : onNo()) })
  return (
    <Box flexDirection="column" flexShrink={0} aria-role="radiogroup">
      {lines.map((line) => (
        <Text key={line} bold>
          {line}
        </Text>
      ))}
      <Text>y: yes, Enter or n: no</Text>
    </Box>
  )
}
