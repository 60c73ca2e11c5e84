import { type Decision, decide } from '../../src/import/decide.js'
import { type Destination, placeRoots } from '../../src/import/names/names.js'
import type { Verification } from '../../src/import/verification.js'

/** What is decided where every root goes to its plain place at a target, and nobody has a last word. */
export function decided(verification: Verification, destination: Destination): Decision {
  return decide(verification, placeRoots(verification.bundle.document.roots, { destination }))
}
