import { ConfirmInput } from '@inkjs/ui'
import { Box, Text } from 'ink'
import { useContext, useEffect } from 'react'
import { KeysHeld, useKeys } from '../use-keys.js'

export interface AskProps {
  /** what will happen, in words; one line each, printable */
  readonly lines: readonly string[]
  readonly onYes: () => void
  readonly onNo: () => void
  readonly onTyping: (typing: boolean) => void
}

/** A question that only `y` says yes to: Enter, Esc and `n` are no. */
export function Ask({ lines, onYes, onNo, onTyping }: AskProps) {
  const held = useContext(KeysHeld)
  useEffect(() => {
    onTyping(true)
    return () => onTyping(false)
  }, [onTyping])
  useKeys({ places: ['form'], on: (command) => (command === 'leave' ? onNo() : undefined) })
  return (
    <Box flexDirection="column" flexShrink={0} aria-role="radiogroup">
      {lines.map((line) => (
        <Text key={line} bold>
          {line}
        </Text>
      ))}
      <Box>
        <Text>y: yes, Enter or n: no </Text>
        <ConfirmInput isDisabled={held} defaultChoice="cancel" onConfirm={onYes} onCancel={onNo} />
      </Box>
    </Box>
  )
}
