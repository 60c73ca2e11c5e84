import { Choose } from './import/choose.js'
import type { ScreenProps } from './screen.js'

/** Import: choose, verify, review, load, and what came of it. */
export function Import(props: ScreenProps) {
  return <Choose {...props} />
}
