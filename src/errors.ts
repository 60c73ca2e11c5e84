/** Which part of a transfer failed; an operator asks this first. */
export type Side = 'source' | 'sink' | 'medium' | 'operator'

export interface ErrorFacts {
  readonly exit: number
  readonly retry: boolean
  readonly hint: string
}

/**
 * The one place that knows a code's exit status, whether the same action may be tried again by the program, and what
 * the operator should do. `docs/errors.md` is generated from it.
 */
export const ERRORS = {
  ERR_BUG: {
    exit: 1,
    retry: false,
    hint: 'this should not happen: report it with the command and the lines on stderr',
  },
  ERR_USAGE: { exit: 2, retry: false, hint: 'see `waybill --help`' },
  ERR_CONFIG_INVALID: { exit: 2, retry: false, hint: 'correct the file that is named' },
  ERR_REFERENCE_INVALID: {
    exit: 2,
    retry: false,
    hint: 'write HOST/REPOSITORY:TAG, HOST/REPOSITORY@DIGEST, oci:DIR[:NAME], oci-archive:FILE[:NAME] or docker-archive:FILE[:NAME]',
  },
  ERR_DIGEST_INVALID: { exit: 2, retry: false, hint: 'a digest is sha256: and 64 lower-case hexadecimal digits' },
  ERR_COLLISION: {
    exit: 2,
    retry: false,
    hint: 'two sources would share a name at the target: export them into separate bundles; at an import `names.rename` of the import policy can give one another name',
  },
  ERR_SEQUENCE_USED: {
    exit: 2,
    retry: false,
    hint: 'leave --sequence out to get the next number; a number stands for one bundle only, for ever',
  },
  ERR_ROLLBACK: {
    exit: 4,
    retry: false,
    hint: 'ask for the newest bundle of the stream; to go back on purpose, import with --allow-rollback REASON',
  },
  ERR_CHAIN_BROKEN: {
    exit: 4,
    retry: false,
    hint: 'import the bundles in between first, in order; or ask the exporter, and import without --require-chain',
  },
  ERR_CLOCK_BACK: {
    exit: 4,
    retry: false,
    hint: 'compare this machine’s clock (`date -u`) with a clock that you trust, and set it; if it is right, ask the exporter about its own',
  },
  ERR_POLICY_INVALID: {
    exit: 2,
    retry: false,
    hint: 'correct the import policy at the line that is named; `waybill policy init` writes one to start from',
  },
  ERR_POLICY_REFUSED: {
    exit: 4,
    retry: false,
    hint: 'the import policy does not allow this; `waybill policy check` shows the rule; ask who keeps the policy',
  },
  ERR_POLICY_UNMET: {
    exit: 5,
    retry: false,
    hint: 'what the import policy requires is not there: have it signed or attached at its source, and export it again',
  },
  ERR_REFUSED_BY_PERSON: {
    exit: 4,
    retry: false,
    hint: 'somebody refused it in the review, and the reason is in the receipt; import the bundle again to load it after all',
  },
  ERR_OPA_DENIED: { exit: 4, retry: false, hint: 'the reasons are those of the Rego policy: ask who keeps it' },
  ERR_OPA_FAILED: {
    exit: 4,
    retry: false,
    hint: 'no answer is no leave: check the Rego policy by itself with `opa eval`, or the server’s address',
  },
  ERR_TAG_IMMUTABLE: {
    exit: 4,
    retry: false,
    hint: 'the tag is there with other content, and the import policy says that it never moves: use a new tag',
  },
  ERR_BASE_MISSING: {
    exit: 4,
    retry: false,
    hint: 'the target lacks what the bundle builds on: import the bundles before it first, or ask for a full one',
  },
  ERR_RECEIPT_INVALID: {
    exit: 5,
    retry: false,
    hint: 'do not rely on this receipt; ask the importer for it again, and compare the root of its signer',
  },
  ERR_SIGNATURE_MISSING: {
    exit: 5,
    retry: false,
    hint: 'of a bundle: ask the exporter for a signed one, an unsigned one can only be inspected; of an artifact: have it signed at its source, and export it again',
  },
  ERR_SIGNATURE_INVALID: {
    exit: 5,
    retry: false,
    hint: 'do not use this; ask the exporter of a bundle, or the signer of an artifact, and report what was found',
  },
  ERR_SIGNER_UNKNOWN: {
    exit: 5,
    retry: false,
    hint: 'if this signer should be trusted, obtain its root certificate by another way, and run `waybill trust add --store NAME` with the store that is named',
  },
  ERR_FINGERPRINT_MISMATCH: {
    exit: 5,
    retry: false,
    hint: 'ask the exporter again for the fingerprint, by another way than the certificate came; if it still differs, do not trust this file',
  },
  ERR_TRUST_STORE_INVALID: {
    exit: 5,
    retry: false,
    hint: 'add a root certificate with `waybill trust add` (--store NAME, --type TYPE, --config DIR), or correct the file that is named',
  },
  ERR_TRUST_POLICY_INVALID: {
    exit: 5,
    retry: false,
    hint: 'correct the trust policy file that is named; nobody is trusted until it can be read',
  },
  ERR_TRUST_POLICY_NONE: {
    exit: 5,
    retry: false,
    hint: 'add a statement for this repository to the trust policy, or name another folder with --trust',
  },
  ERR_IDENTITY_UNTRUSTED: {
    exit: 5,
    retry: false,
    hint: 'the chain is trusted, but not for this signer: compare the subject with the policy’s trustedIdentities',
  },
  ERR_SIGNATURE_EXPIRED: { exit: 5, retry: false, hint: 'ask the signer to sign the artifact again' },
  ERR_TIMESTAMP_INVALID: {
    exit: 5,
    retry: false,
    hint: 'nothing proves when this was signed: ask the signer for a timestamp of an authority that the policy trusts',
  },
  ERR_CERTIFICATE_REVOKED: { exit: 5, retry: false, hint: 'do not use what this certificate signed; ask its owner' },
  ERR_REVOCATION_UNKNOWN: {
    exit: 5,
    retry: false,
    hint: 'export again where the certificate’s revocation sources can be reached, or add their files with --evidence',
  },
  ERR_REVOCATION_STALE: {
    exit: 5,
    retry: false,
    hint: 'ask for a new bundle with fresh evidence, or allow older evidence with waybill.maxStaleness in the policy',
  },
  ERR_PLUGIN_FAILED: {
    exit: 5,
    retry: false,
    hint: 'check the plugin by itself: run it with `get-plugin-metadata`, and compare its version with what is asked',
  },
  ERR_KEY_UNUSABLE: {
    exit: 2,
    retry: false,
    hint: 'check the key, its password or PIN, and that it belongs to the certificate',
  },
  ERR_TIMESTAMP_AUTHORITY: {
    exit: 7,
    retry: true,
    hint: 'check the timestamp authority’s address, or sign without a timestamp',
  },
  ERR_EVIDENCE_MISSING: {
    exit: 7,
    retry: true,
    hint: 'try again, name files with --evidence, or accept that the far side may refuse (without --require-evidence)',
  },
  ERR_BUNDLE_STALE: {
    exit: 5,
    retry: false,
    hint: 'check this machine’s clock; else ask for a new bundle, or for a new signature with a timestamp',
  },
  ERR_EQUIVOCATION: {
    exit: 5,
    retry: false,
    hint: 'two bundles have one number: load neither, compare both with the exporter, and ask who else has its key',
  },
  ERR_BUNDLE_FORMAT: {
    exit: 6,
    retry: false,
    hint: 'this is not an intact bundle: copy it again, and compare its SHA-256 with the exporter’s',
  },
  ERR_BUNDLE_VERSION: { exit: 6, retry: false, hint: 'use a release of waybill that knows this format version' },
  ERR_BUNDLE_TRUNCATED: { exit: 6, retry: false, hint: 'the copy is incomplete: copy the bundle again' },
  ERR_BUNDLE_INCOMPLETE: {
    exit: 6,
    retry: false,
    hint: 'the bundle lacks content that it promises, or holds content it does not name: export it again',
  },
  ERR_CONTENT_MISMATCH: {
    exit: 6,
    retry: true,
    hint: 'of a bundle: copy it again, and compare its SHA-256 with the exporter’s; of a registry: run the command again',
  },
  ERR_CONTENT_AMBIGUOUS: {
    exit: 6,
    retry: false,
    hint: 'the document can be read in two ways and is refused: rebuild the image or artifact',
  },
  ERR_JSON_INVALID: { exit: 6, retry: false, hint: 'the document is damaged or hostile: obtain it again' },
  ERR_LIMIT_EXCEEDED: {
    exit: 6,
    retry: false,
    hint: 'larger than this program reads; docs/format.md lists the limits',
  },
  ERR_SOURCE_UNREACHABLE: {
    exit: 7,
    retry: true,
    hint: 'check the source registry’s address and network; run the same command again',
  },
  ERR_SINK_UNREACHABLE: {
    exit: 7,
    retry: true,
    hint: 'check the target registry’s address and network; run the same command again to go on',
  },
  ERR_UNAUTHORIZED: {
    exit: 7,
    retry: false,
    hint: 'log in with `docker login` or `podman login`, or check the credentials',
  },
  ERR_FORBIDDEN: { exit: 7, retry: false, hint: 'the account may not do this: ask the registry’s owner' },
  ERR_NOT_FOUND: { exit: 7, retry: false, hint: 'check the repository, tag or digest' },
  ERR_REGISTRY_PROTOCOL: {
    exit: 7,
    retry: false,
    hint: 'the registry answered against the distribution specification; the message has its answer',
  },
  ERR_INDEX_REFUSED: {
    exit: 7,
    retry: false,
    hint: 'export the image with all of its platforms, or let the target take indexes without some (docs/operator.md)',
  },
  ERR_REFERRERS_UNKNOWN: {
    exit: 7,
    retry: false,
    hint: 'signatures may be missing: try again, or accept that with --allow-unknown-referrers',
  },
  ERR_RATE_LIMITED: { exit: 7, retry: true, hint: 'wait, then run the same command again' },
  ERR_DISK_FULL: {
    exit: 8,
    retry: false,
    hint: 'free space on the disk that is named, then run the same command again',
  },
  ERR_MEDIUM: { exit: 8, retry: false, hint: 'check the disk, the path and its permissions' },
  ERR_FILE_EXISTS: { exit: 8, retry: false, hint: 'choose another name, or move the file away' },
  ERR_STORE_BUSY: { exit: 8, retry: false, hint: 'stop the other server, or choose another folder with --store' },
  ERR_STATE_BUSY: { exit: 8, retry: true, hint: 'wait for the other command on this stream, then run this one again' },
  ERR_TARGET_BUSY: {
    exit: 8,
    retry: true,
    hint: 'wait for the other import into this target, then run this one again',
  },
  ERR_STATE_DAMAGED: {
    exit: 8,
    retry: false,
    hint: 'put the file back from a copy; what follows from its loss is in docs/operator.md, under “Streams”, or “When an import was interrupted”',
  },
  ERR_LISTEN: { exit: 8, retry: false, hint: 'choose another address or port with --listen' },
  ERR_CANCELLED: { exit: 130, retry: false, hint: 'run the same command again' },
} as const satisfies Record<string, ErrorFacts>

export type ErrorCode = keyof typeof ERRORS

export interface TransferErrorOptions {
  readonly cause?: unknown
  readonly side?: Side
  /** The digest, reference, path or entry that the error is about. */
  readonly subject?: string
  /** The least time to wait before another try, where a registry gave one. */
  readonly retryAfterMs?: number
  /** of the HTTP answer that says no, where there was one */
  readonly status?: number
  /** Everything that is wrong, a sentence each, where it is more than one thing; the message begins with the first. */
  readonly details?: readonly string[]
}

/** The only error that the program throws on purpose; anything else that reaches the command line is a bug. */
export class TransferError extends Error {
  override readonly name = 'TransferError'
  readonly code: ErrorCode
  readonly side: Side | undefined
  readonly subject: string | undefined
  readonly retryAfterMs: number | undefined
  readonly status: number | undefined
  readonly details: readonly string[]

  constructor(code: ErrorCode, message: string, options: TransferErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.side = options.side
    this.subject = options.subject
    this.retryAfterMs = options.retryAfterMs
    this.status = options.status
    this.details = options.details ?? []
  }
}

/** True for a `TransferError` with this code; the only way the program tells errors apart. */
export function hasCode(error: unknown, code: ErrorCode): error is TransferError {
  return error instanceof TransferError && error.code === code
}

/** Ends a `switch` over a union; does not compile while a case is missing. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
