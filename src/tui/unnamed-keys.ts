import { useStdin } from 'ink'
import { useLayoutEffect } from 'react'

/**
 * Takes keys away that Ink 6.8.0 has no name for: it asks for the first letter of the name of every key with Ctrl
 * (use-input.js), and where there is none, as of `ESC [ 31 m` in a text that is pasted, that ends the program.
 */
export function useUnnamedKeysDropped(): void {
  const { internal_eventEmitter: keys } = useStdin()
  useLayoutEffect(() => {
    const { emit } = keys
    keys.emit = (event: string | symbol, ...given: unknown[]) =>
      event === 'input' && isUnnamed(given[0]) ? true : emit.call(keys, event, ...given)
    return () => {
      keys.emit = emit
    }
  }, [keys])
}

/** A function key with Ctrl, by its modifier (xterm: 1 and a sum, in which Ctrl is 4); no screen has a use for any. */
const FUNCTION_KEY = /^\u001b+(?:O|N|\[\[?)(?:\d+(?:;(\d+))?[~^$]|(?:1;)?(\d+)?[a-zA-Z])/

export function isUnnamed(input: unknown): boolean {
  const found = typeof input === 'string' ? FUNCTION_KEY.exec(input) : null
  return found !== null && ((Number(found[1] ?? found[2] ?? 1) - 1) & 4) !== 0
}
