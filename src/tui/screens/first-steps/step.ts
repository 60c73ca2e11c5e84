import type { Machine } from '../../means.js'
import type { ScreenProps } from '../screen.js'

export type StepName = 'sample' | 'keys' | 'trust' | 'registry'

/** What the screen of every step is given. */
export interface StepProps extends ScreenProps {
  readonly machine: Machine
  readonly onLeave: () => void
}

/** A path below a folder, as it is shown and typed. */
export function below(folder: string, name: string): string {
  return folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`
}
