import { useEffect, useState } from 'react'
import type { Machine, Means } from '../means.js'
import { endOfFault } from '../work.js'

export interface SeenMachine {
  /** undefined while it is looked at */
  readonly machine?: Machine
  /** why it cannot be looked at, printable */
  readonly fault?: string
}

/** What is configured on this machine, looked at once. */
export function useMachine({ machine: look }: Pick<Means, 'machine'>): SeenMachine {
  const [seen, setSeen] = useState<SeenMachine>({})
  useEffect(() => {
    let left = false
    look().then(
      (machine) => left || setSeen({ machine }),
      (cause: unknown) => left || setSeen({ fault: endOfFault(cause).headline }),
    )
    return () => {
      left = true
    }
  }, [look])
  return seen
}
