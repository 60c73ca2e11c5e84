import type { Emit } from '../events.js'
import type { Refusals, Review } from '../import/review/review.js'
import type { Digest } from '../oci/digest.js'

/**
 * What the screens can have done: handed in by the command line, which composes the same use cases for its commands.
 * Nothing here is about drawing, and no screen reaches a registry, a bundle or a file by itself.
 */
export interface Means {
  readonly version: string
  /** Milliseconds that only grow. */
  readonly now: () => number
  /** today, for what is kept in files */
  readonly today: () => Date
  readonly machine: () => Promise<Machine>
  /** What can be opened in a folder. @throws ERR_MEDIUM */
  readonly list: (folder: string) => Promise<readonly FolderEntry[]>
  /** What is wrong with one field, printable; undefined where nothing is. Nothing is done and nothing is asked of a registry. */
  readonly checkImport: (field: keyof ImportChoice, text: string) => Promise<string | undefined>
  /** the command that does the same; pasted into a shell as it is, and shown through `printable` */
  readonly importCommand: (choice: ImportChoice, machine: Pick<Machine, 'keys'>) => string
  /** what a command line has said before the screens were opened */
  readonly given?: { readonly import?: ImportStart; readonly export?: Partial<ExportChoice> }
  readonly importBundle: (choice: ImportChoice, given: ImportGiven) => Promise<WorkEnd>
  readonly exporting: Exporting
  readonly openAudit: (path: string, given: WorkGiven) => Promise<Audit>
  readonly firstSteps: FirstSteps
}

/** What every piece of work is given. */
export interface WorkGiven {
  readonly emit: Emit
  readonly signal: AbortSignal
  /** Resolves at once, or when the person lets the work go on. Awaited before bytes are moved. */
  readonly ready: () => Promise<void>
}

/** How a piece of work ended: the same facts that the command prints and exits with. */
export interface WorkEnd {
  readonly exit: number
  /** one sentence: LOADED, NOT LOADED and why, WROTE … */
  readonly headline: string
  readonly good: boolean
  /** what the command would print, line by line, printable */
  readonly lines: readonly string[]
  /** of these what a person wants to know first: what was done, and what was not */
  readonly outcome?: readonly string[]
  /** what to do next, printable */
  readonly next: readonly string[]
  /** the equivalent command */
  readonly command: string
}

/** What is configured here, so that nobody is asked for what is known. */
export interface Machine {
  readonly configDir: string
  /** a trust store of exporters has a certificate */
  readonly trusted: number
  /** a signing key that `keys init` has made, at the place where first steps make them */
  readonly keys?: { readonly key: string; readonly chain: string; readonly ca: string }
  readonly policy?: string
  /** a registry that was started from here and runs */
  readonly registry?: string
  /** the folder in which the person stands */
  readonly folder: string
}

export interface FolderEntry {
  readonly name: string
  /** absolute */
  readonly path: string
  readonly kind: 'folder' | 'bundle' | 'receipt' | 'certificate' | 'other'
  readonly size: number
}

export interface ImportChoice {
  readonly path: string
  /** HOST[:PORT][/PREFIX] */
  readonly to: string
  /** sign a receipt with the importer's key, and write it there */
  readonly receipt?: string
  readonly countersign?: boolean
}

/** What is filled in when a person begins. */
export interface ImportStart extends Partial<ImportChoice> {
  /** a key to sign with is given, beside those of this machine */
  readonly keys?: boolean
}

export interface ImportGiven extends WorkGiven {
  /**
   * Asked when everything is decided and nothing is written, also where nothing is admitted: then the answer changes
   * nothing. A person can refuse what the policy admits, and never admit what it refuses.
   */
  readonly review: (review: Review, documents: ReadsDocuments) => Promise<Refusals>
}

/** Reads what lies in an open file. */
export interface ReadsDocuments {
  /** A document as lines, printable, at most so many; @throws ERR_CONTENT_MISMATCH, ERR_MEDIUM, ERR_NOT_FOUND */
  readonly read: (digest: Digest, given: Pick<WorkGiven, 'signal'>) => Promise<readonly string[]>
}

/** What an export asks for. */
export interface ExportChoice {
  /** as on the command line: HOST/NAME:TAG, oci:DIR … */
  readonly sources: readonly string[]
  /** none: all of them */
  readonly platforms: readonly string[]
  readonly output: string
  /** go on where a registry could not say what hangs on an image; the bundle says so */
  readonly allowUnknownReferrers: boolean
  readonly stream?: string
  readonly sign: boolean
}

export interface Estimate {
  readonly artifacts: number
  readonly blobs: number
  readonly bytes: number
  readonly signatures: number
  readonly documents: number
  /** platforms that were seen, of all indexes */
  readonly platforms: readonly string[]
  /** what could not be asked, printable */
  readonly unknown: readonly string[]
}

/** what a person types for an export */
export type ExportField = 'source' | 'registry' | 'output' | 'platform'

export interface Exporting {
  /** What is wrong with one field, printable; undefined where nothing is. Nothing is asked of a registry. */
  readonly check: (field: ExportField, text: string) => Promise<string | undefined>
  /** the command that does the same; pasted into a shell as it is, and shown through `printable` */
  readonly command: (choice: ExportChoice, machine: Pick<Machine, 'keys'>) => string
  /**
   * Repositories of a registry. @throws ERR_UNAUTHORIZED, ERR_FORBIDDEN, ERR_NOT_FOUND where it does not show them
   */
  readonly repositories: (registry: string, given: Pick<WorkGiven, 'signal'>) => Promise<readonly string[]>
  readonly tags: (repository: string, given: Pick<WorkGiven, 'signal'>) => Promise<readonly string[]>
  /** Reads manifests only, and writes nothing. */
  readonly estimate: (choice: ExportChoice, given: WorkGiven) => Promise<Estimate>
  readonly exportBundle: (choice: ExportChoice, given: WorkGiven) => Promise<WorkEnd>
}

/** A bundle or a receipt that lies open. */
export interface Audit extends ReadsDocuments {
  readonly kind: 'bundle' | 'receipt'
  readonly path: string
  /** VERIFIED, NOT VERIFIED and how, CLAIMS ONLY: what the title says as long as it is open */
  readonly verdict: string
  /** one line on what is on the screen, and whose word it is; printable */
  readonly summary: string
  readonly review: Review
  /** the same facts that the command prints and exits with */
  readonly end: WorkEnd
  /** the waybill, the policy, the receipt, every signature and document of the tree; names are printable */
  readonly documents: readonly AuditDocument[]
  readonly close: () => Promise<void>
}

export interface AuditDocument {
  readonly name: string
  readonly digest: Digest
  /** bytes */
  readonly size: number
}

/** What a machine without configuration needs; each with the command that does the same. */
export interface FirstSteps {
  readonly makeKeys: (folder: string, name: string) => Promise<Done>
  readonly makeKeysCommand: (folder: string, name: string) => string
  /** What a certificate is, before anybody trusts it. @throws ERR_TRUST_STORE, ERR_MEDIUM */
  readonly readCertificate: (path: string) => Promise<Certificate>
  /** Trusts it for bundles; the fingerprint is what the person compared. */
  readonly trustExporter: (path: string, fingerprint: string) => Promise<Done>
  readonly trustExporterCommand: (path: string, fingerprint: string) => string
  /** The embedded registry in a process of this program's own; it ends with the program. */
  readonly startRegistry: (store: string, port: number) => Promise<Done & { readonly host: string }>
  readonly startRegistryCommand: (store: string, port: number) => string
  /** A small signed release to try all of it with, made here: a bundle and its exporter's certificate. */
  readonly makeSample: (folder: string, given: WorkGiven) => Promise<Done & Sample>
  readonly makeSampleCommand: (folder: string) => string
}

export interface Done {
  /** printable */
  readonly lines: readonly string[]
}

export interface Sample {
  readonly bundle: string
  readonly certificate: string
  /** what its exporter tells by another way: groups of four, in upper case */
  readonly fingerprint: string
}

export interface Certificate {
  readonly subject: string
  readonly notBefore: string
  readonly notAfter: string
  /** SHA-256, lower-case hexadecimal */
  readonly fingerprint: string
}
