import { createContext } from 'react'

/** What every screen says in its first line, whatever it shows; empty: nothing. */
export const Notice = createContext('')
