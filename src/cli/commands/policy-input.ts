import { printableJson } from '../../encoding/printable.js'
import { decide } from '../../import/decide.js'
import { policyInput } from '../../import/last-word/policy-input.js'
import { readState } from '../../import/memory/read-state.js'
import { type Destination, type Placing, parseDestination, placeRoots, targetOf } from '../../import/names/names.js'
import { withPlaces } from '../../import/names/placed.js'
import { recordsRepository } from '../../import/records.js'
import { formatRepository } from '../../oci/reference.js'
import type { CommandContext, ExitCode } from '../context.js'
import { type MemoryWords, recall, stateFolder } from '../memory.js'
import { importPolicy, type PolicyWords } from '../policy.js'
import { verdictOf } from '../render/checks.js'
import type { TrustOptions } from '../trust.js'
import { writable } from '../writable.js'
import { type VerificationOptions, withVerification } from './verify.js'

export interface PolicyInputCommandOptions extends TrustOptions, PolicyWords, Pick<MemoryWords, 'state'> {
  readonly evidence?: readonly string[]
  readonly to?: string
}

// Where nobody says where a bundle goes its roots are ruled on as if any name would do; no target is printed then.
const NOWHERE: Destination = { registry: 'localhost' }

/**
 * `policy input FILE`: prints what a policy in Rego would be given about this bundle, so that one can be written and tried
 * with `opa eval`. Offline; the exit status is that of `verify`.
 */
export async function printPolicyInput(
  path: string,
  options: PolicyInputCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const destination = options.to === undefined ? undefined : parseDestination(options.to)
  const policy = await importPolicy(options, context)
  const at = destination ?? NOWHERE
  const names = destination === undefined ? undefined : policy?.names
  const placing = { destination: at, names, records: recordsRepository(at) }
  const words = options.state === undefined ? {} : { state: options.state }
  const rollback = await recall(words, { recall: () => readState(stateFolder(words, context)) }, context)
  const asked = { options, context, rollback, policy, ...(destination === undefined ? {} : namesAt(placing)) }
  return await withVerification(path, asked, async (verification, { document }) => {
    const placed = placeRoots(document.roots, placing)
    const named = withPlaces(verification, placed, context)
    const decision = decide(named, placed)
    const target = destination === undefined ? {} : { destination }
    const given = { decision, now: context.now(), signal: context.signal, ...target }
    const input = writable(await policyInput(named, given))
    context.print(input, [printableJson(input)])
    return verdictOf(named).exit
  })
}

function namesAt(placing: Placing): Pick<VerificationOptions, 'targetOf'> {
  return {
    targetOf: (root) => {
      const target = targetOf(root, placing)
      return target && formatRepository(target)
    },
  }
}
