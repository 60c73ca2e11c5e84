import { Box, type Key, Text } from 'ink'
import { useContext, useRef, useState } from 'react'
import { printable } from '../../encoding/printable.js'
import { KeysHeld } from '../use-keys.js'
import { useTyped } from '../use-typed.js'
import { type Edit, type EditedText, edited, editedText } from './text-edit.js'

export interface TextFieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onSubmit: (value: string) => void
  /** whether it has the keys; a field that has not shows no cursor */
  readonly active: boolean
  /** taken by Enter where nothing has been typed */
  readonly suggestion?: string | undefined
  /** characters */
  readonly max?: number
}

const MAX = 1000

/**
 * One line of text. Not that of @inkjs/ui, which keeps pasted control characters, counts a letter and its accent twice, and
 * has no cursor that can be seen without colours.
 */
export function TextField({ value, onChange, onSubmit, active, suggestion, max = MAX }: TextFieldProps) {
  // Several keys can come before the next picture: what they change is kept beside what is drawn.
  const text = useRef(editedText(value))
  const held = useContext(KeysHeld)
  const [, redraw] = useState(0)
  if (text.current.value !== value) text.current = editedText(value)
  const change = (next: EditedText): void => {
    const { value: before } = text.current
    text.current = next
    if (next.value === before) redraw((count) => count + 1)
    else onChange(next.value)
  }
  useTyped(
    (input, key) => {
      for (const edit of editsOf(input, key, max)) change(edited(text.current, edit))
      // What is pasted with its end of line is typed and sent; what comes after that belongs to no field.
      if (key.return || input.includes('\r')) {
        const typed = text.current.value
        if (typed === '' && suggestion !== undefined) change(editedText(suggestion))
        onSubmit(text.current.value)
      }
    },
    { isActive: active && !held },
  )
  const { cursor } = text.current
  if (value === '') {
    return (
      <Text wrap="truncate">
        {active ? CURSOR : ''}
        {suggestion === undefined ? '' : <Text dimColor>{`${printable(suggestion, MAX)} (Enter takes it)`}</Text>}
      </Text>
    )
  }
  return (
    <Box>
      <Text wrap="truncate-start">{`${printable(value.slice(0, cursor), MAX)}${active ? CURSOR : ''}`}</Text>
      {cursor < value.length ? <Text wrap="truncate">{printable(value.slice(cursor), MAX)}</Text> : null}
    </Box>
  )
}

const CURSOR = '▏'

/** What is typed quickly, or held down, comes in one piece: also Backspace, several times. */
function editsOf(input: string, key: Key, max: number): readonly Edit[] {
  if (key.leftArrow) return [{ type: 'left' }]
  if (key.rightArrow) return [{ type: 'right' }]
  if (key.home) return [{ type: 'start' }]
  if (key.end) return [{ type: 'end' }]
  if (key.backspace || key.delete) return [{ type: 'delete' }]
  if (key.ctrl || key.meta || key.tab || key.return) return []
  const [first = ''] = input.split('\r')
  const pieces = first.match(/[\b\u007f]|[^\b\u007f]+/g) ?? []
  return pieces.map((piece) => (ERASES.includes(piece) ? { type: 'delete' } : { type: 'insert', text: piece, max }))
}

const ERASES: readonly string[] = ['\b', '\u007f']
