import { hasCode, TransferError } from '../../errors.js'
import type { ImportPolicy, PolicySigner } from '../../policy/import-policy.js'
import type { VerificationContext } from '../../trust/notary/context.js'
import type { TrustStatement } from '../../trust/policy/trust-policy.js'
import type { ImporterTrust } from '../trust.js'

/** A signer of the policy with the statement that says whom it is, ready to be asked. */
export interface ReadySigner {
  readonly name: string
  readonly kinds: PolicySigner['kinds']
  readonly statement: TrustStatement
}

export interface SignerSources {
  readonly policy: Pick<ImportPolicy, 'path' | 'signers'>
  readonly trust: Pick<ImporterTrust, 'artifacts'>
  /** the stores by which these signers are judged */
  readonly store: VerificationContext['store']
}

/**
 * The signers of these names, with their statements, and with stores that can be read: an importer that can trust nobody
 * is told so, and not that somebody's signature is no good.
 * @throws ERR_POLICY_INVALID where a name or its statement is not there, or the statement asks nobody
 * @throws ERR_TRUST_STORE_INVALID where a store is absent or empty
 */
export async function readySigners(names: readonly string[], given: SignerSources): Promise<readonly ReadySigner[]> {
  const ready: ReadySigner[] = []
  for (const name of new Set(names)) {
    const signer = given.policy.signers.get(name)
    if (signer === undefined) throw invalid(name, given, 'it is asked for, and it is not among the signers')
    const statement = statementOf(signer, given)
    if (statement.level.name === 'skip')
      throw invalid(
        name,
        given,
        `its statement ${JSON.stringify(statement.name)} skips signatures, so nobody can be it`,
      )
    await requireStores(name, statement, given)
    ready.push({ name, kinds: signer.kinds, statement })
  }
  return ready
}

function statementOf(signer: PolicySigner, given: SignerSources): TrustStatement {
  if (signer.by === 'statement') return signer.statement
  const { artifacts } = given.trust
  const wanted = JSON.stringify(signer.statementName)
  if (artifacts === undefined)
    throw invalid(signer.name, given, `it is by the trust policy, statement ${wanted}, and there is no trust policy`)
  const found = artifacts.statements.find(({ name }) => name === signer.statementName)
  if (found === undefined) throw invalid(signer.name, given, `${artifacts.path} has no statement ${wanted}`)
  return found
}

async function requireStores(name: string, { stores }: TrustStatement, given: SignerSources): Promise<void> {
  for (const store of stores) {
    const needs = `the signer ${name} of the import policy ${given.policy.path} needs the trust store ${store.type}:${store.name}`
    const found = await given.store(store).catch((cause: unknown) => {
      if (!hasCode(cause, 'ERR_TRUST_STORE_INVALID')) throw cause
      throw new TransferError(cause.code, `${needs}: ${cause.message}`, { cause, side: 'operator', subject: name })
    })
    if (found.length > 0) continue
    throw new TransferError('ERR_TRUST_STORE_INVALID', `${needs}, which is empty`, { side: 'operator', subject: name })
  }
}

function invalid(name: string, { policy }: SignerSources, why: string): TransferError {
  return new TransferError('ERR_POLICY_INVALID', `the import policy ${policy.path}, signer ${name}: ${why}`, {
    side: 'operator',
    subject: policy.path,
  })
}
