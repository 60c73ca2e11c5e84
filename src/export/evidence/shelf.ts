import type { MissingEvidence, RecordedEvidence } from '../../bundle/document.js'
import { EVIDENCE_TYPES } from '../../bundle/layout.js'
import { printable } from '../../encoding/printable.js'
import { LIMITS } from '../../limits.js'
import { describe } from '../../oci/descriptor.js'
import { type Digest, digestOf } from '../../oci/digest.js'
import { describeEvidence } from '../../trust/revocation/describe.js'
import type { Evidence } from '../../trust/revocation/revocation.js'
import { formatTimestamp } from '../../trust/timestamps.js'
import type { Subject } from './chain.js'

/** Evidence as it goes into a bundle: what the document says of it, and its bytes. */
export interface GatheredEvidence {
  readonly evidence: readonly RecordedEvidence[]
  readonly evidenceMissing: readonly MissingEvidence[]
  readonly bytes: ReadonlyMap<Digest, Uint8Array>
}

interface Held {
  readonly evidence: Evidence
  readonly certificates: Set<string>
}

/** Where evidence is put as it comes, and what came of each question. */
export class EvidenceShelf {
  readonly #held = new Map<string, Held>()
  readonly #bytes = new Map<Digest, Uint8Array>()
  readonly #missing: MissingEvidence[] = []
  #size = 0

  /** Puts evidence down for a certificate; false where the bundle would have more than anybody reads. */
  add(evidence: Evidence, { certificate }: Subject): boolean {
    const digest = digestOf(evidence.der)
    if (!this.#bytes.has(digest)) {
      if (this.#size + evidence.der.byteLength > LIMITS.evidenceBytes) return false
      this.#size += evidence.der.byteLength
      this.#bytes.set(digest, evidence.der)
    }
    const key = `${evidence.url ?? ''} ${digest}`
    const held = this.#held.get(key) ?? { evidence, certificates: new Set() }
    held.certificates.add(certificate.thumbprint)
    this.#held.set(key, held)
    return true
  }

  /** Notes what could not be had. */
  miss({ certificate }: Subject, url: string | undefined, reason: string): void {
    const { thumbprint, subject } = certificate
    const where = url === undefined ? {} : { url }
    this.#missing.push({ certificate: thumbprint, subject, ...where, reason: printable(reason, 500) })
  }

  get missing(): readonly MissingEvidence[] {
    return this.#missing
  }

  get evidence(): readonly Evidence[] {
    return [...this.#held.values()].map(({ evidence }) => evidence)
  }

  /** @param at when it was obtained */
  gathered(at: Date): GatheredEvidence {
    const evidence = [...this.#held.values()].map((held) => recorded(held, at))
    return { evidence, evidenceMissing: this.#missing, bytes: this.#bytes }
  }
}

function recorded({ evidence, certificates }: Held, at: Date): RecordedEvidence {
  const { kind, der, url } = evidence
  const { thisUpdate, nextUpdate } = describeEvidence(evidence)
  return {
    type: kind,
    ...(url === undefined ? {} : { url }),
    fetchedAt: formatTimestamp(at),
    thisUpdate: formatTimestamp(thisUpdate),
    ...(nextUpdate === undefined ? {} : { nextUpdate: formatTimestamp(nextUpdate) }),
    descriptor: describe(EVIDENCE_TYPES[kind], der),
    certificates: [...certificates].sort(),
  }
}
