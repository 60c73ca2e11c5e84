import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { parseSubject, verifySignatureFile } from '../../audit/verify-file.js'
import { type NamedOutcome, verifyLayout } from '../../audit/verify-layout.js'
import { openLayoutFolder } from '../../content/layout-folder.js'
import { openLayoutTar } from '../../content/layout-tar.js'
import { TransferError } from '../../errors.js'
import { formatRepository, parseReference } from '../../oci/reference.js'
import type { RevocationQuestion, VerificationContext } from '../../trust/notary/context.js'
import { selectBlobStatement, selectStatement } from '../../trust/policy/select.js'
import type { TrustFolder, TrustPolicy, TrustStatement } from '../../trust/policy/trust-policy.js'
import { revocationJudge } from '../../trust/revocation/judge.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import type { CommandContext, ExitCode } from '../context.js'
import { readEvidenceFiles } from '../evidence-files.js'
import { artifactLines, artifactsOutput, exitOf } from '../render/artifacts.js'
import { trustFolder } from '../trust.js'
import type { VerifyCommandOptions } from './verify.js'

/** `verify oci:DIR[:NAME]`, `oci-archive:FILE[:NAME]`, or a path with `--scope`: what a layout lists. */
export async function verifyImageLayout(
  text: string,
  options: VerifyCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const [, form, path = text, name] = /^(oci|oci-archive):([^:]+)(?::(.+))?$/s.exec(text) ?? []
  const folder = form === undefined ? (await stat(path).catch(() => undefined))?.isDirectory() : form === 'oci'
  // What is no layout is told before what is missing to judge one.
  const layout = await (folder === true ? openLayoutFolder(path, context) : openLayoutTar(path, context))
  try {
    const trust = await trustFolder(options, context)
    const outcomes = await verifyLayout(layout, {
      policy: policyOf(trust),
      context: await contextOf(trust, options, context),
      scopeOf: (entry) => options.scope ?? repositoryIn(entry),
      signal: context.signal,
      ...(name === undefined ? {} : { name }),
    })
    return print(text, outcomes, context)
  } finally {
    await layout.close()
  }
}

/** `verify --signature FILE --subject DESCRIPTOR.json`: one envelope and the descriptor of what it signs. */
export async function verifySignature(
  files: { readonly signature: string; readonly subject: string },
  options: VerifyCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const trust = await trustFolder(options, context)
  const target = parseSubject(await context.readFile(files.subject), files.subject)
  const file = { path: files.signature, bytes: await context.readFile(files.signature) }
  const scope =
    options.scope ?? (options.policyName === undefined ? 'localhost/signature' : `policy ${options.policyName}`)
  const statement = statementOf(trust, options, scope)
  const verification = { ...(await contextOf(trust, options, context)), statement }
  const outcome = await verifySignatureFile(file, { target, scope }, verification)
  return print(files.signature, [{ name: files.signature, ...outcome }], context)
}

function statementOf(trust: TrustFolder, { policyName }: VerifyCommandOptions, scope: string): TrustStatement {
  const statement =
    policyName === undefined
      ? selectStatement(policyOf(trust), scope)
      : selectBlobStatement(blobPolicyOf(trust), policyName === '' ? undefined : policyName)
  if (statement !== undefined) return statement
  const wanted =
    policyName === undefined
      ? `for ${scope}; name another repository with --scope`
      : `called ${JSON.stringify(policyName)}`
  throw new TransferError('ERR_TRUST_POLICY_NONE', `the trust policy has no statement ${wanted}`, { side: 'operator' })
}

async function contextOf(
  trust: TrustFolder,
  options: VerifyCommandOptions,
  context: CommandContext,
): Promise<Omit<VerificationContext, 'statement'>> {
  const judge = revocationJudge(await readEvidenceFiles(options.evidence ?? [], context.emit))
  const metadata = pairs(options.metadata ?? [])
  return {
    now: context.now(),
    signal: context.signal,
    store: (store) => trust.store(store),
    judgeRevocation: (chain, question: RevocationQuestion) => judge(chain, question),
    findPlugin: context.findPlugin(trust.dir),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  }
}

/** `KEY=VALUE` words. @throws ERR_USAGE */
function pairs(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=')
      if (at > 0) return [word.slice(0, at), word.slice(at + 1)]
      throw new TransferError('ERR_USAGE', `--metadata is not KEY=VALUE: ${JSON.stringify(word.slice(0, 100))}`, {
        side: 'operator',
      })
    }),
  )
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

/** A layout has no registry: a name that is a full reference says which it came from, else only `*` can be meant. */
function repositoryIn(name: string | undefined): string {
  if (name === undefined) return 'localhost/layout'
  try {
    return formatRepository(parseReference(name).repository)
  } catch {
    return 'localhost/layout'
  }
}

function print(what: string, outcomes: readonly NamedOutcome[], context: CommandContext): ExitCode {
  const artifacts = outcomes.map((outcome) => ({ ...outcome, required: true }))
  const { verdict, exit } = exitOf(artifacts)
  const word = { verified: 'VERIFIED', skipped: 'SKIPPED (the policy asks for no signature)', refused: 'NOT VERIFIED' }[
    verdict
  ]
  context.print(
    {
      schema: 'waybill.verify-artifacts.v1',
      path: what,
      verdict,
      verifiedAt: formatTimestamp(context.now()),
      artifacts: artifactsOutput(artifacts),
    },
    [...artifactLines(artifacts), `${word} ${basename(what)}`],
  )
  return exit
}
