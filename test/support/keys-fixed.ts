import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { digestOf } from '../../src/oci/digest.js'
import { type Certificate, parsePemCertificates } from '../../src/trust/certificate.js'
import { loadSigner, Signer } from '../../src/trust/signer.js'
import { MADE_AT } from './clock.js'

const FOLDER = new URL('../vectors/', import.meta.url)

/** Whose keys lie under `test/vectors/keys`: the trusted exporter, the same one with an old certificate, and a stranger. */
export type FixedName = 'exporter' | 'retired' | 'stranger'

/** The signer of this name. `at` is the moment at which it loads: the retired one's certificate ended in February 2026. */
export function fixedSigner(name: FixedName = 'exporter', at = MADE_AT): Signer {
  return loadSigner(readFixed(`keys/${name}.key`), readFixed(`keys/${name}.crt`), at)
}

let anchors: readonly Certificate[] | undefined

/** The importer's trust store of the vectors. */
export function fixedTrust(): readonly Certificate[] {
  anchors ??= parsePemCertificates(readFixed('trust/exporter-root.crt'), 'exporter-root.crt', 'ERR_TRUST_STORE_INVALID')
  return anchors
}

export function readFixed(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8')
}

/** Signatures by who signs what: the digest of `THUMBPRINT.PROTECTED.PAYLOAD`. */
export type Recorded = Map<string, string>

/**
 * The signer of this name, who gives the recorded signature where there is one for the same bytes: an ECDSA signature is
 * random, and bundles that have one would never be made the same way twice. New ones are recorded.
 */
export function recordedSigner(name: FixedName, recorded: Recorded, at = MADE_AT): Signer {
  return new RecordedSigner(name, recorded, at)
}

class RecordedSigner extends Signer {
  readonly #recorded: Recorded

  constructor(name: FixedName, recorded: Recorded, at: Date) {
    const { chain, algorithm } = fixedSigner(name, at)
    super(createPrivateKey(readFixed(`keys/${name}.key`)), chain, algorithm)
    this.#recorded = recorded
  }

  override async sign(...given: Parameters<Signer['sign']>): ReturnType<Signer['sign']> {
    const made = await super.sign(...given)
    const input = digestOf(Buffer.from(`${this.chain[0]?.thumbprint}.${made.protected}.${made.payload}`))
    const signature = this.#recorded.get(input) ?? made.signature
    this.#recorded.set(input, signature)
    return { ...made, signature }
  }
}
