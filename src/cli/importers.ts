import { IMPORTERS } from '../receipt/verify-receipt.js'
import type { VerificationContext } from '../trust/notary/context.js'
import { revocationJudge } from '../trust/revocation/judge.js'
import type { CommandContext } from './context.js'
import { readEvidenceFiles } from './evidence-files.js'
import { trustFolder } from './trust.js'

export interface ImportersWords {
  readonly trust?: string
  readonly evidence?: readonly string[]
}

/**
 * What the signature on an importer's record is judged against: the store `ca:importers` of the trust folder, else that of
 * the configuration folder, and evidence about revocation that is here.
 * @throws ERR_USAGE, ERR_TRUST_POLICY_INVALID, and what reading evidence throws
 */
export async function importersContext(
  words: ImportersWords,
  context: CommandContext,
): Promise<Omit<VerificationContext, 'statement'>> {
  const { hasTrustStore } = await import('../trust/store/trust-store.js')
  const { openTrustFolder } = await import('../trust/store/trust-folder.js')
  const folder = await trustFolder(words.trust === undefined ? {} : { trust: words.trust }, context)
  const own = folder.dir === context.configDir || (await hasTrustStore(folder.dir, IMPORTERS))
  const { store } = own ? folder : await openTrustFolder(context.configDir)
  const judge = revocationJudge(await readEvidenceFiles(words.evidence ?? [], context.emit))
  return {
    store: (name) => store(name),
    now: context.now(),
    judgeRevocation: (chain, question) => judge(chain, question),
    signal: context.signal,
  }
}
