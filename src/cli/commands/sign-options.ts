import type { NetworkOptions } from '../context.js'
import type { TargetOptions } from '../sign-target.js'
import type { EnvelopeFormat, SigningWords } from '../signing.js'

/** What `sign` is told beside its target. */
export interface SignCommandOptions extends NetworkOptions, SigningWords, TargetOptions {
  readonly format: EnvelopeFormat | 'nv2'
  readonly output?: string
  /** full names that a signature of the prototype claims */
  readonly reference?: readonly string[]
}
