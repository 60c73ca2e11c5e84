import { stat } from 'node:fs/promises'
import { parseSubject, verifySignatureFile } from '../../audit/verify-file.js'
import { type NamedOutcome, type PassedOver, verifyLayout } from '../../audit/verify-layout.js'
import { WAYBILL_TYPE } from '../../bundle/layout.js'
import type { ImageLayout } from '../../content/image-layout.js'
import { openLayoutFolder } from '../../content/layout-folder.js'
import { openLayoutTar } from '../../content/layout-tar.js'
import { printable } from '../../encoding/printable.js'
import { TransferError } from '../../errors.js'
import { formatRepository, parseReference } from '../../oci/reference.js'
import type { RevocationQuestion, VerificationContext } from '../../trust/notary/context.js'
import { isRepositoryScope } from '../../trust/policy/scopes.js'
import { selectBlobStatement, selectStatement } from '../../trust/policy/select.js'
import type { TrustFolder, TrustPolicy, TrustStatement } from '../../trust/policy/trust-policy.js'
import { revocationJudge } from '../../trust/revocation/judge.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import type { CommandContext, ExitCode } from '../context.js'
import { readEvidenceFiles } from '../evidence-files.js'
import { artifactLines, artifactsOutput, exitOf } from '../render/artifacts.js'
import { trustFolder } from '../trust.js'
import { refuseUnused, usage, type VerifyCommandOptions } from './verify-options.js'

/** `verify oci:DIR[:NAME]`, `oci-archive:FILE[:NAME]`, or a path with `--scope`: what a layout lists. */
export async function verifyImageLayout(
  text: string,
  options: VerifyCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  refuseUnused(options, ['state', 'store', 'policy', 'policyName', 'review'], 'an image layout')
  const [, form, path = text, name] = /^(oci|oci-archive):([^:]+)(?::(.+))?$/s.exec(text) ?? []
  const folder = form === undefined ? (await stat(path).catch(() => undefined))?.isDirectory() : form === 'oci'
  // What is no layout is told before what is missing to judge one.
  const layout = await (folder === true ? openLayoutFolder(path, context) : openLayoutTar(path, context))
  try {
    if (form === undefined) refuseBundle(layout, path)
    const trust = await trustFolder(options, context)
    const policy = policyOf(trust)
    const scope = layoutScope(policy, options, name)
    const others: PassedOver[] = []
    const outcomes = await verifyLayout(layout, {
      policy,
      context: await contextOf(trust, options, context),
      scopeOf: () => scope,
      signal: context.signal,
      onPassedOver: (entry) => others.push(entry),
      ...(name === undefined ? {} : { name }),
    })
    return print({ what: text, outcomes, others }, context)
  } finally {
    await layout.close()
  }
}

/** A bundle that is looked at as a layout is held against less: nobody may come to that by an option too many. */
function refuseBundle({ entries }: ImageLayout, path: string): void {
  if (entries[0]?.artifactType?.startsWith(WAYBILL_TYPE.slice(0, -1)) !== true) return
  const next = `verify it without --scope, or as a mere layout: oci-archive:${path}`
  throw usage(`${path} is a bundle, and says itself which repositories its artifacts come from: ${next}`)
}

/**
 * The repository that the policy is asked for: what the operator says. A layout's own names are written by whoever writes the
 * layout, who could so choose the statement that is the easiest.
 */
function layoutScope(policy: TrustPolicy, { scope }: VerifyCommandOptions, name: string | undefined): string {
  if (scope !== undefined) return repositoryScope(scope)
  const named = name === undefined ? undefined : repositoryIn(name)
  if (named !== undefined) return named
  if (selectStatement(policy, UNNAMED_LAYOUT) !== undefined) return UNNAMED_LAYOUT
  const next = 'say with --scope HOST/NAME which one this layout stands for, or name an entry: oci:DIR:HOST/NAME:TAG'
  throw usage(`the trust policy ${policy.path} has no statement for every repository ("*"): ${next}`)
}

const UNNAMED_LAYOUT = 'localhost/layout'

/** @throws ERR_USAGE */
function repositoryScope(scope: string): string {
  if (isRepositoryScope(scope)) return scope
  throw usage(`--scope is not a repository, HOST/NAME without tag and digest: ${JSON.stringify(scope.slice(0, 300))}`)
}

/** `verify --signature FILE --subject DESCRIPTOR.json`: one envelope and the descriptor of what it signs. */
export async function verifySignature(
  files: { readonly signature: string; readonly subject: string },
  options: VerifyCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  refuseUnused(options, ['state', 'store', 'policy', 'review'], 'a signature file')
  if (options.scope !== undefined && options.policyName !== undefined)
    throw usage('--scope and --policy-name name two statements, of two policies: leave one of them out')
  const trust = await trustFolder(options, context)
  const target = parseSubject(await context.readFile(files.subject), files.subject)
  const file = { path: files.signature, bytes: await context.readFile(files.signature) }
  const statement = statementOf(trust, options)
  const scope = options.scope ?? (options.policyName === undefined ? UNNAMED_SIGNATURE : `policy ${options.policyName}`)
  const verification = { ...(await contextOf(trust, options, context)), statement }
  const outcome = await verifySignatureFile(file, { target, scope }, verification)
  return print({ what: files.signature, outcomes: [{ name: files.signature, ...outcome }], others: [] }, context)
}

const UNNAMED_SIGNATURE = 'localhost/signature'

function statementOf(trust: TrustFolder, { policyName, scope }: VerifyCommandOptions): TrustStatement {
  if (policyName !== undefined) {
    const policy = blobPolicyOf(trust)
    const found = selectBlobStatement(policy, policyName === '' ? undefined : policyName)
    return found ?? noStatement(`${policy.path} has no statement called ${JSON.stringify(policyName.slice(0, 300))}`)
  }
  const policy = policyOf(trust)
  const found = selectStatement(policy, scope === undefined ? UNNAMED_SIGNATURE : repositoryScope(scope))
  const wanted = scope === undefined ? 'every repository ("*"): say with --scope HOST/NAME which one is meant' : scope
  return found ?? noStatement(`${policy.path} has no statement for ${wanted}`)
}

function noStatement(message: string): never {
  throw new TransferError('ERR_TRUST_POLICY_NONE', message, { side: 'operator' })
}

async function contextOf(
  trust: TrustFolder,
  options: VerifyCommandOptions,
  context: CommandContext,
): Promise<Omit<VerificationContext, 'statement'>> {
  const metadata = metadataOf(options.metadata ?? [])
  const judge = revocationJudge(await readEvidenceFiles(options.evidence ?? [], context.emit))
  return {
    now: context.now(),
    signal: context.signal,
    store: (store) => trust.store(store),
    judgeRevocation: (chain, question: RevocationQuestion) => judge(chain, question),
    findPlugin: context.findPlugin(trust.dir),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  }
}

/** `KEY=VALUE` words, each key once. @throws ERR_USAGE */
function metadataOf(words: readonly string[]): Readonly<Record<string, string>> {
  const pairs = words.map((word) => {
    const at = word.indexOf('=')
    if (at > 0) return [word.slice(0, at), word.slice(at + 1)] as const
    throw usage(`--metadata is not KEY=VALUE: ${JSON.stringify(word.slice(0, 100))}`)
  })
  if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw usage('--metadata has a key twice')
  return Object.fromEntries(pairs)
}

function policyOf({ oci, dir }: TrustFolder): TrustPolicy {
  if (oci !== undefined) return oci
  const message = `${dir} has no trustpolicy.oci.json and no trustpolicy.json, so nobody is trusted`
  throw new TransferError('ERR_TRUST_POLICY_NONE', message, { side: 'operator', subject: dir })
}

function blobPolicyOf({ blob, dir }: TrustFolder): TrustPolicy {
  if (blob !== undefined) return blob
  throw new TransferError('ERR_TRUST_POLICY_NONE', `${dir} has no trustpolicy.blob.json`, {
    side: 'operator',
    subject: dir,
  })
}

/** The repository of a full reference; undefined for any other name. */
function repositoryIn(name: string): string | undefined {
  try {
    return formatRepository(parseReference(name).repository)
  } catch {
    return undefined
  }
}

interface Findings {
  readonly what: string
  readonly outcomes: readonly NamedOutcome[]
  readonly others: readonly PassedOver[]
}

const DIGESTS_ONLY = 'signatures vouch for these digests; what lies below them was not read'
const WORDS = {
  verified: 'VERIFIED',
  skipped: 'SKIPPED (the policy asks for no signature)',
  refused: 'NOT VERIFIED',
} as const

function print({ what, outcomes, others }: Findings, context: CommandContext): ExitCode {
  const artifacts = outcomes.map((outcome) => ({ ...outcome, required: true }))
  const { verdict, exit } = exitOf(artifacts)
  context.print(
    {
      schema: 'waybill.verify-artifacts.v1',
      path: what,
      verdict,
      verifiedAt: formatTimestamp(context.now()),
      artifacts: artifactsOutput(artifacts),
      ...(others.length === 0 ? {} : { notJudged: others.map((one) => ({ ...one })) }),
    },
    [
      ...artifactLines(artifacts),
      ...others.map(({ name, digest, why }) => `not judged: ${printable(name)} (${digest}): ${why}`),
      ...(verdict === 'verified' && what !== outcomes[0]?.name ? [DIGESTS_ONLY] : []),
      `${WORDS[verdict]} ${printable(what, 1000)}`,
    ],
  )
  return exit
}
