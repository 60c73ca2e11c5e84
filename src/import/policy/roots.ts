import { type Root, rootName } from '../../bundle/document.js'
import type { OpenedBundle } from '../../bundle/reader.js'
import type { ErrorCode } from '../../errors.js'
import { bare } from '../../oci/descriptor.js'
import type { ArtifactRule, ImportPolicy } from '../../policy/import-policy.js'
import { matchesName } from '../../policy/patterns.js'
import { isRecorded } from '../../trust/notary/judged.js'
import { claimedSources } from '../claimed-source.js'
import type { ImporterTrust } from '../trust.js'
import type { ArtifactVerification, RootClosure } from '../verification.js'
import type { SignerContext } from './accepted.js'
import { carriedSignatures } from './carried-signatures.js'
import { judgeDocuments } from './documents.js'
import type { RootFinding, RuleName } from './findings.js'
import { judgeRequirements } from './requirements.js'
import { type ReadySigner, readySigners } from './signers.js'

export interface RootRuleOptions {
  readonly policy: ImportPolicy
  readonly trust: ImporterTrust
  readonly context: SignerContext
  readonly closures: readonly RootClosure[]
  /** what the trust policy makes of the roots; empty where there is none */
  readonly artifacts: readonly ArtifactVerification[]
  /** roots that are signatures of what other roots have, each with what it signs */
  readonly besides: ReadonlyMap<Root, string>
}

/**
 * Holds every root against the first rule that has its source. Whoever made the bundle chooses the name of a source, and
 * so the rule: exporters are trusted with names, never with who signed what (docs/threat-model.md).
 * @throws ERR_POLICY_INVALID, ERR_TRUST_STORE_INVALID: the signers that the rules in use ask for have to be there
 */
export async function judgeRoots(bundle: OpenedBundle, given: RootRuleOptions): Promise<readonly RootFinding[]> {
  const { roots } = bundle.document
  const rules = new Map(roots.map((root) => [root, ruleOf(given.policy, root)]))
  const used = [...new Set(rules.values())].flatMap((found) => found?.rule ?? [])
  const names = used.flatMap(({ signatures, documents }) =>
    [...signatures, ...documents.flatMap((one) => one.signatures)].flatMap(({ of }) => of),
  )
  const ready = await readySigners(names, { ...given, store: given.context.store })
  const signers = new Map(ready.map((signer) => [signer.name, signer]))
  const asked = {
    ...given,
    signers,
    bundle,
    sourceOf: claimedSources(bundle),
    signaturesOf: carriedSignatures(bundle, given.context),
  }
  const artifacts = new Map(given.artifacts.map((one) => [`${one.name} ${one.target.digest}`, one]))
  const found = new Map<Root, RootFinding>()
  for (const root of roots) {
    if (given.besides.has(root)) continue
    const artifact = artifacts.get(`${rootName(root)} ${root.descriptor.digest}`)
    found.set(root, await judgeRoot(root, { ...asked, found: rules.get(root), artifact }))
  }
  return roots.map((root) => found.get(root) ?? follower(root, given, found))
}

interface FoundRule {
  readonly rule: ArtifactRule
  readonly name: RuleName
}

/** The first rule that has a root's source. */
function ruleOf({ artifacts }: Pick<ImportPolicy, 'artifacts'>, { repository }: Root): FoundRule | undefined {
  const at = artifacts.findIndex(({ sources }) => sources.some((source) => matchesName(source, repository)))
  const rule = artifacts[at]
  return rule === undefined ? undefined : { rule, name: { name: rule.name, number: at + 1 } }
}

interface JudgeRootOptions extends RootRuleOptions {
  readonly found: FoundRule | undefined
  readonly signers: ReadonlyMap<string, ReadySigner>
  readonly sourceOf: ReturnType<typeof claimedSources>
  readonly signaturesOf: ReturnType<typeof carriedSignatures>
  readonly artifact: ArtifactVerification | undefined
}

async function judgeRoot(root: Root, given: JudgeRootOptions): Promise<RootFinding> {
  const nothing = { root, signatures: [], documents: [], recorded: false }
  if (given.found === undefined) {
    const detail = `${given.policy.path} has no rule for ${root.repository}`
    return { ...nothing, admitted: false, code: 'ERR_POLICY_REFUSED', detail }
  }
  const { rule, name } = given.found
  const source = given.sourceOf(root.repository)
  const signed = await judgeSigned(root, given.found, { ...given, source })
  const { signers, context, signaturesOf } = given
  const documents = await judgeDocuments(bare(root.descriptor), rule.documents, {
    source,
    signaturesOf,
    signers,
    context,
  })
  const unmet = documents.filter(({ met }) => !met).map(({ detail }) => detail)
  const { signatures = [], recorded = false } = signed
  const common = { root, rule: name, signatures, documents, recorded }
  const code = signed.code ?? (unmet.length === 0 ? undefined : 'ERR_POLICY_UNMET')
  const whys =
    code === undefined
      ? [signed.detail, ...documents.map(({ detail }) => detail)]
      : [...(signed.code === undefined ? [] : [signed.detail]), ...unmet]
  const detail = `rule ${name.name}: ${whys.join('; ')}`
  return code === undefined ? { ...common, admitted: true, detail } : { ...common, admitted: false, code, detail }
}

interface SignedFinding {
  readonly detail: string
  /** where the root is refused for its signatures */
  readonly code?: ErrorCode
  readonly signatures?: RootFinding['signatures']
  readonly recorded?: boolean
}

type SignedOptions = JudgeRootOptions & { readonly source: ReturnType<JudgeRootOptions['sourceOf']> }

/** By the rule, and by the trust policy where there is one: an import policy adds to it, and takes nothing away. */
async function judgeSigned(root: Root, found: FoundRule, given: SignedOptions): Promise<SignedFinding> {
  const own = await judgeByRule(root, found, given)
  const { artifact } = given
  if (artifact === undefined) return own
  const { verdict, code, detail, signatures } = artifact
  if (verdict === 'refused') {
    const also = own.detail.includes(detail) ? own.detail : `${own.detail}; the trust policy refuses it: ${detail}`
    return { ...own, code: own.code ?? code ?? 'ERR_POLICY_UNMET', detail: also }
  }
  const recorded =
    verdict === 'verified' && !signatures.some((one) => one.verdict === 'verified' && !one.validations.some(isRecorded))
  return recorded ? { ...own, recorded } : own
}

async function judgeByRule(root: Root, { rule }: FoundRule, given: SignedOptions): Promise<SignedFinding> {
  const target = bare(root.descriptor)
  const signatures = await given.signaturesOf(given.source, target)
  // Not known is not "none", also where none would do.
  if (typeof signatures === 'string') return { code: 'ERR_POLICY_UNMET', detail: signatures }
  const { signatures: requirements, unsigned } = rule
  if (signatures.length === 0 && unsigned === 'admit') return { detail: 'it has no signature, which the rule admits' }
  if (requirements.length === 0) return byTrustPolicy(rule, given)
  const { signers, context } = given
  const judged = await judgeRequirements({ target, signatures }, { requirements, signers, context })
  const unmet = judged.filter(({ met }) => !met)
  const detail = (unmet.length === 0 ? judged : unmet).map((one) => one.detail).join('; ')
  return { ...(unmet.length === 0 ? {} : { code: 'ERR_POLICY_UNMET' }), detail, signatures: judged }
}

/** A rule that names no signers leaves them to the trust policy, and its word has to be one: skipping is none. */
function byTrustPolicy({ unsigned }: ArtifactRule, { trust, artifact }: JudgeRootOptions): SignedFinding {
  if (trust.artifacts === undefined) {
    if (unsigned === 'admit')
      return { detail: 'nobody says whose signatures count, and the rule admits what is unsigned' }
    return { code: 'ERR_POLICY_UNMET', detail: 'the rule names no signers, and there is no trust policy that does' }
  }
  if (artifact === undefined) return { code: 'ERR_POLICY_UNMET', detail: 'the trust policy was not asked about it' }
  const { verdict, detail, code } = artifact
  if (verdict === 'refused') return { code: code ?? 'ERR_POLICY_UNMET', detail }
  if (verdict === 'verified') return { detail }
  if (unsigned === 'admit') return { detail: `${detail}, and the rule admits what is unsigned`, recorded: true }
  return { code: 'ERR_POLICY_UNMET', detail: `${detail}, and the rule admits nothing unsigned` }
}

/** A signature among the roots comes in with what it signs: nobody has to sign it in turn. */
function follower(
  root: Root,
  { besides, closures }: RootRuleOptions,
  found: ReadonlyMap<Root, RootFinding>,
): RootFinding {
  const subject = besides.get(root)
  const follows = closures
    .filter((closure) => found.has(closure.root) && closure.nodes.some(({ digest }) => digest === subject))
    .map((closure) => closure.root)
  const common = { root, signatures: [], documents: [], recorded: false, follows }
  const admitted = follows.find((one) => found.get(one)?.admitted === true)
  if (admitted === undefined) {
    const detail = `it is a signature of ${subject}, which is not admitted`
    return { ...common, admitted: false, code: 'ERR_POLICY_REFUSED', detail }
  }
  return { ...common, admitted: true, detail: `it is a signature of what ${rootName(admitted)} has` }
}
