import { Box, Text } from 'ink'
import { type ReactNode, useContext } from 'react'
import { KEYS, type KeyPlace, keyName } from '../keys.js'
import { ACCENT } from '../theme.js'
import { Notice } from './notice.js'
import { useSize } from './use-size.js'

export interface FrameProps {
  readonly title: string
  /** stands before the title, which may name something foreign that hides or imitates it */
  readonly verdict?: { readonly word: string; readonly color: string }
  /** whose keys are named at the bottom, the most important first */
  readonly places: readonly KeyPlace[]
  readonly children: ReactNode
}

/** Every screen: a title, what is on it, and the keys that count. Rows that are left for children: `rows - 2`. */
export function Frame({ title, verdict, places, children }: FrameProps) {
  const { columns, rows } = useSize()
  const notice = useContext(Notice)
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      <Box height={1}>
        <Box flexShrink={0}>
          <Text bold color={ACCENT}>
            {'Waybill · '}
            {verdict === undefined ? null : <Text color={verdict.color}>{`${verdict.word} · `}</Text>}
          </Text>
        </Box>
        <Text wrap="truncate" bold color={ACCENT}>
          {notice === '' ? title : notice}
        </Text>
      </Box>
      {/* Lines are cut where they are made: to cut them here as well would cost a sixth of every picture. */}
      <Box flexDirection="column" flexGrow={1} overflowY="hidden">
        {children}
      </Box>
      <Text wrap="truncate" dimColor>
        {keyLine(places)}
      </Text>
    </Box>
  )
}

/** The keys that have a short name, each once. */
export function keyLine(places: readonly KeyPlace[]): string {
  const all = places.flatMap((place) => KEYS.filter((one) => one.place === place && one.short !== undefined))
  const taken = new Set<string>()
  const shown = all.filter(({ keys: [first = ''] }) => !taken.has(first) && taken.add(first))
  return shown.map(({ keys: [first = ''], short }) => `${keyName(first)} ${short}`).join('  ')
}
