import { Box, Text, useIsScreenReaderEnabled } from 'ink'
import { useSize } from './use-size.js'

/** What screens are drawn for; below it they would be broken, and a verdict could be out of sight. */
const LEAST = { columns: 40, rows: 15 }

/** Whether the terminal is too small to show a screen. What is read aloud has no size. */
export function useTooSmall(): boolean {
  const { columns, rows } = useSize()
  const spoken = useIsScreenReaderEnabled()
  // One row is left free.
  return !spoken && (columns < LEAST.columns || rows < LEAST.rows - 1)
}

/** Shown instead of any screen; work goes on. */
export function TooSmall() {
  const { columns, rows } = useSize()
  return (
    <Box width={columns} height={Math.max(1, rows)} overflow="hidden">
      <Text>{`the terminal is too small: ${LEAST.columns}×${LEAST.rows} at least`}</Text>
    </Box>
  )
}
