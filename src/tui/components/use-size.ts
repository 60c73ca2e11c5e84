import { useStdout } from 'ink'
import { useCallback, useSyncExternalStore } from 'react'

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** What screens have for themselves, also after it has changed: the last row stays free. */
export function useSize(): Size {
  const { stdout } = useStdout()
  // Not by an effect: a resize between a first picture and its effects would be missed.
  const subscribe = useCallback(
    (changed: () => void) => {
      stdout.on('resize', changed)
      return () => {
        stdout.off('resize', changed)
      }
    },
    [stdout],
  )
  // Both as one number, which is compared by what it is.
  const size = useSyncExternalStore(subscribe, () => (stdout.columns || 80) * MOST_ROWS + (stdout.rows || 24))
  return { columns: Math.floor(size / MOST_ROWS), rows: (size % MOST_ROWS) - 1 }
}

/** A terminal counts in 16 bits. */
const MOST_ROWS = 65_536
