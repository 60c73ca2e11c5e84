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
  useInput(onAnyKey)
  useKeys({
    places: ['always'],
    on(command) {
      if (command === 'interrupt') onInterrupt()
      else if (command === 'suspend') onSuspend()
    },
  })
  return null
}
