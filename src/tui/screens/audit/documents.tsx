import { Box, Text } from 'ink'
import { amount } from '../../../encoding/amount.js'
import type { AuditDocument } from '../../means.js'
import { ACCENT } from '../../theme.js'
import { useCursor } from '../../use-cursor.js'
import { useKeys } from '../../use-keys.js'

export interface DocumentsProps {
  readonly documents: readonly AuditDocument[]
  readonly rows: number
  readonly active: boolean
  readonly onChosen: (document: AuditDocument) => void
}

/** Everything that can be read, by name. */
export function Documents({ documents, rows, active, onChosen }: DocumentsProps) {
  const extent = { count: documents.length, rows: Math.max(1, rows - 1) }
  const { cursor, now, move } = useCursor(extent)
  useKeys({
    places: ['list'],
    active,
    on(command) {
      const chosen = documents[now().at]
      if (command !== 'choose') move(command)
      else if (chosen !== undefined) onChosen(chosen)
    },
  })
  const { at, top } = cursor
  return (
    <Box flexDirection="column">
      {documents.slice(top, top + extent.rows).map(({ name, digest, size }, row) => {
        const chosen = top + row === at
        return (
          <Text key={digest} wrap="truncate" bold={chosen} {...(chosen ? { color: ACCENT } : {})}>
            {`${chosen ? '›' : ' '} ${(size === 0 ? '' : amount(size)).padStart(10)}  ${name}`}
          </Text>
        )
      })}
      <Text wrap="truncate" dimColor>
        {documents.length === 0 ? 'nothing to read' : `document ${at + 1} of ${documents.length}; Enter reads it`}
      </Text>
    </Box>
  )
}
