import { readFileSync } from 'node:fs'
import { digestOf } from '../../src/oci/digest.js'
import { type Certificate, parsePemCertificates } from '../../src/trust/certificate/certificate.js'
import { loadSigner, type Signer } from '../../src/trust/key/signer.js'
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
  return recording(fixedSigner(name, at), recorded)
}

/** The same for any signer. */
export function recording(signer: Signer, recorded: Recorded): Signer {
  return new RecordedSigner(signer, recorded)
}

class RecordedSigner implements Signer {
  readonly #recorded: Recorded
  readonly #signer: Signer

  constructor(signer: Signer, recorded: Recorded) {
    this.#signer = signer
    this.#recorded = recorded
  }

  get chain() {
    return this.#signer.chain
  }

  get algorithm() {
    return this.#signer.algorithm
  }

  async sign(...given: Parameters<Signer['sign']>): ReturnType<Signer['sign']> {
    const input = digestOf(Buffer.concat([Buffer.from(`${this.chain[0]?.thumbprint}.`), given[0]]))
    const known = this.#recorded.get(input)
    if (known !== undefined) return Buffer.from(known, 'base64url')
    const made = await this.#signer.sign(...given)
    this.#recorded.set(input, Buffer.from(made).toString('base64url'))
    return made
  }
}
