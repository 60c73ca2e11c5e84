import { useStdout } from 'ink'
import { useEffect, useState } from 'react'

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** The screen, also after it has changed. What is drawn is one row lower: a full screen makes Ink draw all of it anew. */
export function useSize(): Size {
  const { stdout } = useStdout()
  const [size, setSize] = useState(() => sizeOf(stdout))
  useEffect(() => {
    const changed = (): void => setSize(sizeOf(stdout))
    stdout.on('resize', changed)
    return () => {
      stdout.off('resize', changed)
    }
  }, [stdout])
  return size
}

function sizeOf({ columns, rows }: { readonly columns?: number; readonly rows?: number }): Size {
  return { columns: columns || 80, rows: (rows || 24) - 1 }
}
