import { Box, Text } from 'ink'
import { useLayoutEffect, useState } from 'react'
import { TextField } from '../../components/text-field.js'
import { useKeys } from '../../use-keys.js'

export interface ReasonProps {
  /** what is refused, printable */
  readonly label: string
  /** characters */
  readonly max: number
  readonly onReason: (reason: string) => void
  readonly onNo: () => void
  readonly onTyping: (typing: boolean) => void
}

/** Asks why: a refusal without a reason tells the exporter nothing. */
export function Reason({ label, max, onReason, onNo, onTyping }: ReasonProps) {
  const [text, setText] = useState('')
  const [empty, setEmpty] = useState(false)
  useLayoutEffect(() => {
    onTyping(true)
    return () => onTyping(false)
  }, [onTyping])
  useKeys({ places: ['form'], on: (command) => (command === 'leave' ? onNo() : undefined) })
  const submit = (typed: string): void => {
    const reason = typed.trim()
    if (reason === '') setEmpty(true)
    else onReason(reason)
  }
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Text bold wrap="truncate">{`Refuse ${label}`}</Text>
      <Box>
        <Box flexShrink={0}>
          <Text>Why: </Text>
        </Box>
        <TextField active value={text} onChange={setText} onSubmit={submit} max={max} />
      </Box>
      <Text dimColor wrap="truncate">
        {empty ? 'A reason is needed. Esc: do not refuse it' : 'Enter: refuse it; Esc: do not'}
      </Text>
    </Box>
  )
}
