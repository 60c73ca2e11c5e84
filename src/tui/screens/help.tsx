import { Text, useIsScreenReaderEnabled } from 'ink'
import { Frame } from '../components/frame.js'
import { Lines } from '../components/lines.js'
import { useSize } from '../components/use-size.js'
import { helpLines } from '../help-lines.js'
import { useCursor } from '../use-cursor.js'
import { useKeys } from '../use-keys.js'

/** The one table of keys, as a person reads it. */
export function Help() {
  const size = useSize()
  const lines = helpLines(size.columns)
  // What is read aloud is read as a whole. One row says where one is.
  const rows = useIsScreenReaderEnabled() ? lines.length : Math.max(1, size.rows - 3)
  const { cursor, move } = useCursor({ count: Math.max(1, lines.length - rows + 1), rows })
  useKeys({ places: ['pane'], on: move })
  const { at } = cursor
  return (
    <Frame title="Keys" places={['pane', 'everywhere']}>
      <Lines lines={lines.slice(at, at + rows)} />
      {rows < lines.length ? (
        <Text wrap="truncate" dimColor>
          {`lines ${at + 1} to ${Math.min(at + rows, lines.length)} of ${lines.length}: ↑ ↓ PgUp PgDn`}
        </Text>
      ) : null}
    </Frame>
  )
}
