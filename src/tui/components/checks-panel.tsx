import { Box, Text, useIsScreenReaderEnabled } from 'ink'
import { memo } from 'react'
import { VERDICTS } from '../theme.js'
import type { SeenCheck, Transfer } from '../transfer.js'
import { type CheckRow, checkRows } from './check-rows.js'

export interface ChecksPanelProps {
  readonly transfer: Transfer
  /** rows of the screen that it may take: one for each check, at least 10 */
  readonly rows: number
}

/** A verification, check by check, while it is made; below it what failed first. */
export function ChecksPanel({ transfer, rows }: ChecksPanelProps) {
  const spoken = useIsScreenReaderEnabled()
  const all = checkRows(transfer)
  // How many bytes are hashed would be heard again and again.
  const shown = spoken ? all.map((row) => ({ ...row, more: row.name === 'content' ? '' : row.more })) : all
  const findings = transfer.findings.slice(0, Math.max(0, rows - all.length))
  return (
    <Box flexDirection="column">
      {shown.slice(0, spoken ? all.length : rows).map((row) => (
        <Row key={row.name} {...row} />
      ))}
      {findings.map((finding, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: findings are only added, and the same may be said twice
        <Finding key={at} {...finding} />
      ))}
    </Box>
  )
}

const Row = memo(function Row({ name, word, color, more }: CheckRow) {
  return (
    <Text wrap="truncate">
      {name.padEnd(11)}
      <Text color={color}>{more === '' ? word : `${word.padEnd(9)} `}</Text>
      {more}
    </Text>
  )
})

const Finding = memo(function Finding({ check, subject, result }: SeenCheck) {
  const { word, color } = VERDICTS[result]
  return (
    <Text wrap="truncate">
      <Text color={color}>{word}</Text> {check}: {subject}
    </Text>
  )
})
