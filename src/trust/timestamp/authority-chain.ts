import { LIMITS } from '../../limits.js'
import { type Certificate, isIssuedBy, isSelfSigned } from '../certificate/certificate.js'
import { checkChain, checkValidity } from '../certificate/chain.js'
import { invalidToken } from './fault.js'

/** What a chain is looked for among. */
export interface AuthorityChainOptions {
  /** what the token carries; nobody vouches for these */
  readonly carried: readonly Certificate[]
  /** the trusted roots, embedded in the token or not */
  readonly anchors: readonly Certificate[]
  /** when each certificate must have been valid */
  readonly at: Date
}

/**
 * The chain of a timestamp authority, leaf first, up to a trusted root, every certificate valid at that moment and fit for
 * what it does (trust-store-trust-policy, "Authentic Timestamp"; signature-specification, "Certificate Requirements").
 * Roots that have signed each other make several paths: a dead end is not the answer.
 * @throws ERR_TIMESTAMP_INVALID
 */
export function findAuthorityChain(leaf: Certificate, options: AuthorityChainOptions): readonly Certificate[] {
  let findings: readonly string[] | undefined
  for (const chain of chainsOf(leaf, options)) {
    const broken = [...checkChain(chain, 'timestamping'), ...checkValidity(chain, options.at)]
    if (broken.length === 0) return chain
    findings ??= broken
  }
  if (findings === undefined) throw invalidToken(`is by ${leaf.subject}, which no trusted root leads to`)
  throw invalidToken(`is by a chain that is not accepted at ${options.at.toISOString()}: ${findings.join('; ')}`)
}

/** Every path from the leaf to an anchor, within bounds: hostile certificates can make more paths than can be walked. */
function* chainsOf(leaf: Certificate, options: AuthorityChainOptions): Generator<readonly Certificate[]> {
  const trusted = new Set(options.anchors.map(({ thumbprint }) => thumbprint))
  // Anchors first: the shortest way to trust is the one that is wanted.
  const issuers = new Map([...options.anchors, ...options.carried].map((one) => [one.thumbprint, one]))
  let steps = 0

  function* issuersOf(last: Certificate, path: readonly Certificate[]): Generator<Certificate> {
    for (const issuer of issuers.values()) {
      if (path.includes(issuer) || Buffer.compare(last.issuerDer, issuer.subjectDer) !== 0) continue
      steps += 1
      if (steps > LIMITS.timestampChainSteps) throw invalidToken('carries certificates that make too many chains')
      if (isIssuedBy(last, issuer)) yield issuer
    }
  }

  function* grow(path: readonly Certificate[], last: Certificate): Generator<readonly Certificate[]> {
    if (isSelfSigned(last)) {
      if (trusted.has(last.thumbprint)) yield path
      return
    }
    if (path.length >= LIMITS.chainLength) return
    for (const issuer of issuersOf(last, path)) yield* grow([...path, issuer], issuer)
  }

  yield* grow([leaf], leaf)
}
