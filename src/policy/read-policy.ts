import { digestOf } from '../oci/digest.js'
import type { ImportPolicy } from './import-policy.js'
import { type Mistake, policyInvalid } from './mistake.js'
import { Notes } from './notes.js'
import { rulesOf } from './rules.js'
import { shapeOf } from './shape.js'
import { Signers } from './signers.js'
import { policyText } from './yaml-text.js'
import { parsePolicyYaml } from './yaml-tree.js'

/**
 * Reads an import policy (docs/policy.md): one YAML document, in which every mistake counts. What is odd is refused, too: a
 * signer that no rule asks for, a rule that can never hold. A policy that is not understood in full decides nothing.
 * @param path the file, for messages
 * @throws ERR_POLICY_INVALID, with every mistake that was found
 */
export function readImportPolicy(bytes: Uint8Array, path: string): ImportPolicy {
  const given = policyText(bytes, path)
  const tree = parsePolicyYaml(given)
  if (tree.kind === 'scalar' && tree.value === null) {
    const next = 'write one; `waybill policy init` makes a start'
    throw policyInvalid(given, [{ offset: 0, member: '', expected: 'an import policy', found: 'an empty file', next }])
  }
  const written = shapeOf(tree)
  if (isMistakes(written)) throw policyInvalid(given, written)
  const notes = new Notes(tree)
  const signers = new Signers(written, notes)
  const rules = rulesOf(written, { notes, signers, text: given.text })
  signers.refuseUnused()
  if (notes.mistakes.length > 0) throw policyInvalid(given, notes.mistakes)
  return { path, digest: digestOf(bytes), signers: signers.all, ...rules }
}

function isMistakes<T extends object>(found: T | readonly Mistake[]): found is readonly Mistake[] {
  return Array.isArray(found)
}
