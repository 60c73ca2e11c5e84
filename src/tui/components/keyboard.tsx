import { useInput } from 'ink'
import { useUnnamedKeysDropped } from '../unnamed-keys.js'
import { useKeys } from '../use-keys.js'

export interface KeyboardProps {
  readonly onAnyKey: () => void
  readonly onInterrupt: () => void
  readonly onSuspend: () => void
}

/** The keys that hold on every screen, also while somebody types: terminals make signals of them, but not for screens. */
export function Keyboard({ onAnyKey, onInterrupt, onSuspend }: KeyboardProps) {
  useUnnamedKeysDropped()
  useInput((input) => {
    onAnyKey()
    // Keys that come at once, since the program was busy, are one text: whoever wants to leave is heard all the same.
    if (input.length > 1) for (const one of input) if (one === INTERRUPT) onInterrupt()
  })
  useKeys({
    places: ['always'],
    on(command) {
      if (command === 'interrupt') onInterrupt()
      else if (command === 'suspend') onSuspend()
    },
  })
  return null
}

const INTERRUPT = '\u0003'
