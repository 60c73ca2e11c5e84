import { Box, Text } from 'ink'
import { printable } from '../../encoding/printable.js'
import { wrapCommand } from '../wrap-command.js'
import { Lines } from './lines.js'
import { useSize } from './use-size.js'

/** A path can be longer than the screen, and must not take what is above it away. */
const MOST_ROWS = 5

/** The command that does the same as the screen: who has seen it once can put it in a script. */
export function SameCommand({ command }: { readonly command: string }) {
  const { columns } = useSize()
  const lines = wrapCommand(printable(command, 2000), columns - 1)
  const shown = lines.length > MOST_ROWS ? [...lines.slice(0, MOST_ROWS - 1), `${lines[MOST_ROWS - 1]}…`] : lines
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Text dimColor>The same as a command:</Text>
      <Lines lines={shown} />
    </Box>
  )
}
