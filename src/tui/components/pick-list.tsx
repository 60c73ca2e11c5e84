import { Box, Text } from 'ink'
import { useRef, useState } from 'react'
import { AT_START } from '../scroll.js'
import { ACCENT } from '../theme.js'
import { useCursor } from '../use-cursor.js'
import { useKeys } from '../use-keys.js'
import { TextField } from './text-field.js'

export interface Pick {
  readonly value: string
  /** printable */
  readonly label: string
}

export interface PickListProps {
  readonly picks: readonly Pick[]
  /** rows of the screen that it may take, at least 2 */
  readonly rows: number
  /** what is switched on; with it Space switches */
  readonly toggled?: ReadonlySet<string>
  readonly onToggled?: (value: string) => void
  /** Enter on a line */
  readonly onChosen: (value: string) => void
  readonly onTyping: (typing: boolean) => void
}

/** Many names, of which one is chosen or several are switched on: only those with the words of a filter, if there is one. */
export function PickList({ picks, rows, toggled, onToggled, onChosen, onTyping }: PickListProps) {
  const [filter, setFilter] = useState('')
  const [typing, setTyping] = useState(false)
  const shown = useRef<readonly Pick[]>([])
  shown.current = withWords(picks, filter)
  const told = typing || filter !== '' ? 1 : 0
  const extent = { count: shown.current.length, rows: Math.max(1, rows - told) }
  const { cursor, now, move, set } = useCursor(extent)
  const type = (on: boolean): void => {
    setTyping(on)
    onTyping(on)
  }
  useKeys({
    places: onToggled === undefined ? ['names', 'list'] : ['names', 'option', 'list'],
    active: !typing,
    on(command) {
      const here = shown.current[now().at]
      if (command === 'search') type(true)
      else if (command === 'toggle' && here !== undefined) onToggled?.(here.value)
      else if (command === 'choose' && here !== undefined) onChosen(here.value)
      else move(command)
    },
  })
  useKeys({
    places: ['form'],
    active: typing,
    on(command) {
      if (command === 'leave') setFilter('')
      type(false)
    },
  })
  return (
    <Box flexDirection="column">
      {shown.current.slice(cursor.top, cursor.top + extent.rows).map(({ value, label }, line) => {
        const chosen = !typing && cursor.top + line === cursor.at
        const mark = toggled === undefined ? '' : toggled.has(value) ? '[x] ' : '[ ] '
        return (
          <Text key={value} wrap="truncate" bold={chosen} {...(chosen ? { color: ACCENT } : {})}>
            {`${chosen ? '›' : ' '} ${mark}${label}`}
          </Text>
        )
      })}
      {told === 0 ? null : (
        <Box>
          <Text>{`${shown.current.length} of ${picks.length} with: `}</Text>
          <TextField
            value={filter}
            active={typing}
            onChange={(text) => {
              set(AT_START)
              setFilter(text)
            }}
            onSubmit={() => type(false)}
          />
        </Box>
      )}
    </Box>
  )
}

/** Those with all of the words, whatever their case. Pure. */
export function withWords(picks: readonly Pick[], filter: string): readonly Pick[] {
  const words = filter
    .toLowerCase()
    .split(' ')
    .filter((word) => word !== '')
  if (words.length === 0) return picks
  return picks.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)))
}
