import { printableJson } from '../../encoding/printable.js'
import { decide } from '../../import/decide.js'
import { type Destination, type Placing, parseDestination, placeRoots, targetOf } from '../../import/names.js'
import { policyInput } from '../../import/policy-input.js'
import { readState } from '../../import/read-state.js'
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
  const placing = { destination: destination ?? NOWHERE, names: policy?.names }
  const words = options.state === undefined ? {} : { state: options.state }
  const rollback = await recall(words, { recall: () => readState(stateFolder(words, context)) }, context)
  const at = destination === undefined ? {} : { destination }
  const asked = { options, context, rollback, policy, ...(destination === undefined ? {} : namesAt(placing)) }
  return await withVerification(path, asked, async (verification, { document }) => {
    const decision = decide(verification, placeRoots(document.roots, placing))
    const given = { decision, now: context.now(), signal: context.signal, ...at }
    const input = writable(await policyInput(verification, given))
    context.print(input, [printableJson(input)])
    return verdictOf(verification).exit
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
