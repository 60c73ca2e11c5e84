import { Box, Text } from 'ink'
import { printable } from '../../encoding/printable.js'

/** The command that does the same as the screen: who has seen it once can put it in a script. */
export function SameCommand({ command }: { readonly command: string }) {
  return (
    <Box flexDirection="column" flexShrink={0}>
      <Text dimColor>The same as a command:</Text>
      <Text>{printable(command, 2000)}</Text>
    </Box>
  )
}
