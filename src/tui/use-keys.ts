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
      const command = commandOf(nameOf(input, key), places)
      if (command !== undefined) on(command)
    },
    { isActive: active && !held },
  )
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
