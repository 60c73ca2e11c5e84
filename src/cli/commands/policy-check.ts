import { type Root, rootName } from '../../bundle/document.js'
import { TransferError } from '../../errors.js'
import { decide, type Ruling } from '../../import/decide.js'
import { withLastWord } from '../../import/last-word/last-word.js'
import { readState } from '../../import/memory/read-state.js'
import { type Placed, parseDestination, placeRoots, targetOf } from '../../import/names/names.js'
import { withPlaces } from '../../import/names/placed.js'
import { recordsRepository } from '../../import/records.js'
import type { Verification } from '../../import/verification.js'
import { formatReference, formatRepository, type Repository } from '../../oci/reference.js'
import type { ImportPolicy } from '../../policy/import-policy.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import type { CommandContext, ExitCode } from '../context.js'
import { type MemoryWords, recall, stateFolder } from '../memory.js'
import { offlineLastWord } from '../opa/offline.js'
import type { OpaModuleWords } from '../opa/words.js'
import { importPolicy, POLICY_FILE, type PolicyWords } from '../policy.js'
import { checkLines, checksOutput, VERDICT_WORDS, verdictOf } from '../render/checks.js'
import { policyLines, policyOutput, refusedOutput } from '../render/policy.js'
import type { TrustOptions } from '../trust.js'
import { withVerification } from './verify.js'

export interface PolicyCheckOptions extends TrustOptions, PolicyWords, OpaModuleWords, Pick<MemoryWords, 'state'> {
  readonly evidence?: readonly string[]
  /** where it would be imported to; without it nothing is said of names there */
  readonly to?: string
}

/** `policy check FILE`: what the import policy says of a bundle, rule by rule; nothing is asked and nothing is written. */
export async function policyCheck(
  path: string,
  options: PolicyCheckOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const policy = await importPolicy(options, context)
  if (policy === undefined) {
    const message = `there is no import policy: name one with --policy, or write ${POLICY_FILE} in ${context.configDir}`
    throw new TransferError('ERR_USAGE', message, { side: 'operator' })
  }
  const destination = options.to === undefined ? undefined : parseDestination(options.to)
  const placing = destination && { destination, names: policy.names, records: recordsRepository(destination) }
  const last = await offlineLastWord(options, policy, context)
  const words = options.state === undefined ? {} : { state: options.state }
  const rollback = await recall(words, { recall: () => readState(stateFolder(words, context)) }, context)
  const targetName = (root: Root): string | undefined => {
    const target = placing && targetOf(root, placing)
    return target && formatRepository(target)
  }
  const asked = { options, context, rollback, policy, targetOf: targetName }
  return await withVerification(path, asked, async (judged, { document }) => {
    const placed = placing === undefined ? atSource(document.roots) : placeRoots(document.roots, placing)
    const named = last.mentioned(withPlaces(judged, placed, context))
    const decided = { verification: named, decision: decide(named, placed) }
    const { verification, decision } = await withLastWord(decided, { ...context, ...last, destination, placed })
    const { rulings } = decision
    print(path, { verification, rulings, policy, named: placing !== undefined }, context)
    return verdictOf(verification, rulings).exit
  })
}

/** Nobody has said where they go: nothing about names is wrong yet. */
function atSource(roots: readonly Root[]): Placed {
  return {
    places: new Map(roots.map((root) => [root, { repository: sourceOf(root) }])),
    findings: [],
  }
}

function sourceOf({ repository }: Root): Repository {
  const slash = repository.indexOf('/')
  return { registry: repository.slice(0, slash), name: repository.slice(slash + 1) }
}

interface Checked {
  readonly verification: Verification
  readonly rulings: readonly Ruling[]
  readonly policy: ImportPolicy
  readonly named: boolean
}

function print(path: string, { verification, rulings, named }: Checked, context: CommandContext): void {
  const { verdict } = verdictOf(verification, rulings)
  const { checks, signers } = checksOutput(verification)
  const { policy } = verification
  const admitted = rulings.flatMap((ruling) => (ruling.kind === 'admit' ? [admittedOutput(ruling, named)] : []))
  context.print(
    {
      schema: 'waybill.policy-check.v1',
      path,
      waybill: verification.bundle.waybill.descriptor.digest,
      verdict,
      verifiedAt: formatTimestamp(context.now()),
      checks,
      signers,
      ...policyOutput(policy),
      admitted,
      refused: refusedOutput(rulings),
    },
    [
      ...checkLines(verification),
      ...(policy === undefined
        ? ['the import policy was not asked, because an earlier check failed']
        : policyLines(
            policy,
            rulings.filter(({ kind }) => named || kind === 'refuse'),
          )),
      `${VERDICT_WORDS[verdict]}: ${admitted.length} of ${rulings.length} would be admitted; nothing has been loaded`,
    ],
  )
}

function admittedOutput(ruling: Extract<Ruling, { readonly kind: 'admit' }>, named: boolean) {
  const { root, target: repository, tag } = ruling
  const { digest } = root.descriptor
  const target = tag === undefined ? `${formatRepository(repository)}@${digest}` : formatReference({ repository, tag })
  return { source: rootName(root), ...(named ? { target } : {}), digest }
}
