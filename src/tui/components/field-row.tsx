import { Box, Text } from 'ink'
import type { ReactNode } from 'react'

export interface FieldRowProps {
  readonly label: string
  /** it has the keys */
  readonly here: boolean
  /** what is wrong with it, printable */
  readonly problem?: string | undefined
  /** shown below the field that has the keys */
  readonly hint?: string
  readonly children: ReactNode
}

/** One field of a form, with what is wrong with it. */
export function FieldRow({ label, here, problem, hint, children }: FieldRowProps) {
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Box>
        <Box width={14} flexShrink={0}>
          <Text bold={here}>{`${here ? '›' : problem === undefined ? ' ' : '!'} ${label}`}</Text>
        </Box>
        {children}
      </Box>
      {problem === undefined ? null : <Text>{problem}</Text>}
      {here && problem === undefined && hint !== undefined ? (
        <Text dimColor wrap="truncate">
          {`${''.padEnd(14)}${hint}`}
        </Text>
      ) : null}
    </Box>
  )
}
