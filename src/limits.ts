const KiB = 1024
const MiB = 1024 * KiB

/** Every bound on what comes from outside, with its unit in the name or comment. `docs/format.md` quotes this table. */
export const LIMITS = {
  /** bytes of a manifest or index of an image */
  manifestBytes: 8 * MiB,
  /** bytes of `index.json` of a layout or bundle */
  layoutIndexBytes: 64 * MiB,
  /** bytes of the waybill's own manifest */
  waybillBytes: 64 * KiB,
  /** bytes of the waybill's document */
  documentBytes: 64 * MiB,
  /** bytes of the waybill's inventory */
  inventoryBytes: 128 * MiB,
  /** bytes of a signature envelope */
  envelopeBytes: 4 * MiB,
  /** characters of the name of a stream */
  streamNameLength: 128,
  /** bytes of what is remembered of one stream */
  streamFileBytes: 256 * MiB,
  /** streams that one folder remembers */
  streams: 10_000,
  /** finished imports that the journal of one target keeps */
  journalHistory: 100,
  /** lines of one stream's state in a registry */
  stateLines: 999_999_999,
  /** branches of one stream's state that are read together */
  stateBranches: 64,
  /** tags of snapshots and waybills in the repository of an importer's records */
  recordTags: 200_000,
  /** bundles there of which the state knows nothing: those without a stream */
  recordsExamined: 10_000,
  /** characters of the reason for going back */
  rollbackReasonLength: 1_000,
  /** entries of a folder of which a screen reads the names */
  readEntries: 200_000,
  /** those of them that it lists */
  listedEntries: 5_000,
  /** characters of the reason for which a person refuses an artifact in a review */
  reviewReasonLength: 300,
  /** bundles, or receipts, that one incremental bundle builds on */
  bases: 1_000,
  /** bytes of a receipt */
  receiptBytes: 64 * MiB,
  /** characters of one text of a receipt */
  receiptTextLength: 4_000,
  /** characters of the compact form of a receipt */
  compactReceiptLength: 2_000,
  /** signatures on one waybill */
  bundleSignatures: 16,
  /** signatures of one artifact that are looked at */
  signaturesPerArtifact: 100,
  /** names that one signature of the nv2 prototype may claim */
  nv2References: 1_000,
  /** bytes of `manifest.json` of a Docker archive */
  archiveListBytes: 8 * MiB,
  /** images in one Docker archive */
  archiveImages: 1_000,
  /** bytes of one certificate revocation list */
  crlBytes: 32 * MiB,
  /** bytes of one OCSP response */
  ocspBytes: 64 * KiB,
  /** entries of one certificate revocation list */
  crlEntries: 1_000_000,
  /** extensions of a revocation list, of one of its entries, or of an OCSP response */
  revocationExtensions: 32,
  /** sources of revocation of one kind that a certificate names */
  revocationSources: 32,
  /** bytes of one address of such a source */
  revocationAddressBytes: 2 * KiB,
  /** bytes of all evidence of one bundle */
  evidenceBytes: 128 * MiB,
  /** questions about revocation that one export asks */
  evidenceQuestions: 2_000,
  /** bytes of a document that are shown to a person */
  shownBytes: 8 * MiB,
  /** lines of one that are shown */
  shownLines: 200_000,
  /** characters of one such line */
  shownLineLength: 4_000,
  /** bytes that are shown of what is no text */
  shownDumpBytes: 1 * KiB,
  /** nesting of arrays and objects in JSON */
  jsonDepth: 32,
  /** steps from a root: nested indexes, referrers of referrers */
  graphDepth: 16,
  /** manifests, configs and layers below all roots of one bundle */
  graphNodes: 200_000,
  /** nodes of the tree in which people review a bundle */
  reviewNodes: 400_000,
  /** signatures that nobody has judged and of which a review says who claims to have made them */
  claimedSignatures: 2_000,
  /** referrers of one subject */
  referrersPerSubject: 1_000,
  /** roots of one bundle */
  roots: 20_000,
  /** bytes of a certificate file */
  certificateBytes: 1 * MiB,
  /** bytes of a file with a signing key */
  keyFileBytes: 1 * MiB,
  /** bytes of a password or PIN */
  passwordBytes: 4 * KiB,
  /** rounds that a key file may ask of a password before it opens */
  passwordRounds: 2_000_000,
  /** certificates on one token, or in one key file */
  keyCertificates: 200,
  /** bytes of what a plugin answers (plugin-extensibility) */
  pluginAnswerBytes: 64 * MiB,
  /** bytes of what a plugin says of an error */
  pluginErrorBytes: 1 * MiB,
  /** bytes of an import policy */
  policyBytes: 256 * KiB,
  /** nesting of lists and members in an import policy */
  policyDepth: 12,
  /** names, patterns and identities in one list of an import policy, and rules of one kind */
  policyList: 1_000,
  /** mistakes of an import policy that are told at once */
  policyMistakes: 20,
  /** bytes of a trust policy file */
  trustPolicyBytes: 1 * MiB,
  /** statements in one trust policy */
  trustStatements: 1_000,
  /** trusted identities of one statement */
  trustedIdentities: 500,
  /** files in one trust store */
  trustStoreFiles: 1_000,
  /** certificates in one chain */
  chainLength: 10,
  /** bytes of a timestamp token, and of an authority's answer with one */
  timestampTokenBytes: 256 * KiB,
  /** certificates that a timestamp token carries */
  timestampCertificates: 30,
  /** signers of one timestamp token */
  timestampSigners: 8,
  /** pairs of certificates that are compared on the way from a timestamp's signer to a trusted root */
  timestampChainSteps: 500,
  /** bytes of a Rego policy that is compiled to WebAssembly */
  opaModuleBytes: 16 * MiB,
  /** bytes of the input document of a Rego policy */
  opaInputBytes: 32 * MiB,
  /** bytes of what a Rego policy answers */
  opaAnswerBytes: 1 * MiB,
  /** milliseconds that a Rego policy, or its server, has for its answer */
  opaMilliseconds: 10_000,
  /** bytes of memory that a Rego policy may use */
  opaMemoryBytes: 512 * MiB,
  /** reasons in one list of a Rego policy's answer */
  opaReasons: 1_000,
  /** bytes of a file with a bearer token */
  bearerTokenBytes: 16 * KiB,
  /** bytes of a registry's error answer that are read */
  errorBodyBytes: 64 * KiB,
  /** bytes of one page of a tag or referrers list, and of a token answer */
  registryAnswerBytes: 8 * MiB,
  /** pages of one list */
  registryPages: 1_000,
  /** names in the list of a registry's repositories */
  listedRepositories: 50_000,
  /** bytes of a manifest that the embedded registry accepts; what others accept too */
  servedManifestBytes: 4 * MiB,
  /** tags that one push of a manifest may set at the embedded registry */
  tagsPerPush: 100,
  /** uploads that the embedded registry keeps open */
  openUploads: 1_000,
} as const
