import type { Key } from 'ink'
import { createContext, useContext } from 'react'
import { type Command, commandOf, type KeyPlace } from './keys.js'
import { useTyped } from './use-typed.js'

export interface UseKeys {
  readonly places: readonly KeyPlace[]
  /** false while a text is being typed: then only the field has the keys */
  readonly active?: boolean
  /** @returns nothing; a command that a screen does not know is left alone */
  readonly on: (command: Command) => void
}

/** True below what is hidden by the help: it keeps what is in it, and has no keys. */
export const KeysHeld = createContext(false)

/** Gives a component the commands of the one table of keys. */
export function useKeys({ places, active = true, on }: UseKeys): void {
  const held = useContext(KeysHeld)
  useTyped(
    (input, key) => {
      const name = nameOf(input, key)
      const command = commandOf(name, places)
      if (command !== undefined) on(command)
      else for (const move of heldDown(name, places)) on(move)
    },
    { isActive: active && !held },
  )
}

const MOVES: readonly Command[] = ['up', 'down', 'page-up', 'page-down', 'open', 'close']
const MOST_AT_ONCE = 200

/**
 * A letter that is held down comes several times at once where the line is slow. Other texts that come at once were pasted,
 * and command nothing.
 */
function heldDown(text: string, places: readonly KeyPlace[]): readonly Command[] {
  const [first = ''] = text
  const command = text.length > 1 && text === first.repeat(text.length) ? commandOf(first, places) : undefined
  if (command === undefined || !MOVES.includes(command)) return []
  return Array.from({ length: Math.min(text.length, MOST_AT_ONCE) }, () => command)
}

const NAMED = [
  'upArrow',
  'downArrow',
  'leftArrow',
  'rightArrow',
  'pageUp',
  'pageDown',
  'home',
  'end',
  'return',
  'escape',
  'backspace',
] as const satisfies readonly (keyof Key)[]

function nameOf(input: string, key: Key): string {
  if (key.ctrl) return `ctrl-${input}`
  if (key.meta) return key.escape ? 'escape' : ''
  if (key.tab) return key.shift ? 'shift-tab' : 'tab'
  // Terminals send DEL for the key above Enter.
  if (key.delete) return 'backspace'
  return NAMED.find((name) => key[name]) ?? input
}
