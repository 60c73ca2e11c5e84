import { OCI_MANIFEST } from '../../src/oci/media-types.js'
import { formatReceipt, type Receipt } from '../../src/receipt/receipt.js'
import { formatReceiptFile } from '../../src/receipt/receipt-file.js'
import { buildReceiptManifest } from '../../src/receipt/receipt-manifest.js'
import { makeSignature } from '../../src/sign/make-signature.js'
import type { Certificate } from '../../src/trust/certificate/certificate.js'
import type { Signer } from '../../src/trust/key/signer.js'
import type { VerificationContext } from '../../src/trust/notary/context.js'
import { revocationJudge } from '../../src/trust/revocation/judge.js'
import { NOW } from './keys.js'
import { signingWith } from './signing.js'
import { digestFor } from './streams.js'
import { CALL } from './tmp.js'

/** A receipt of a bundle with one root, which was loaded. */
export function aReceipt(given: Partial<Receipt> = {}): Receipt {
  const root = digestFor('root')
  const none = { copied: 0, present: 0, mounted: 0 }
  return {
    version: 1,
    waybill: { digest: digestFor('waybill'), size: 400 },
    bundle: {
      createdAt: '2026-11-20T10:00:00Z',
      stream: 'acme/nightly',
      sequence: 7,
      previous: digestFor('the waybill before'),
      signers: [{ subject: 'CN=Exporter', rootThumbprint: 'a'.repeat(64) }],
    },
    result: 'loaded',
    verifiedAt: '2026-11-22T12:00:00Z',
    finishedAt: '2026-11-22T12:00:09Z',
    target: { registry: 'registry.acme.example', prefix: 'mirror' },
    generator: 'waybill/0.0.0',
    policy: digestFor('policy'),
    checks: [{ name: 'structure', subject: 'x.tar', result: 'pass', detail: 'whole' }],
    roots: [
      {
        source: 'registry.example/app:1.0',
        digest: root,
        ruling: 'admitted',
        rule: 'vendor',
        target: 'registry.acme.example/mirror/app:1.0',
        change: 'new',
        countersignature: digestFor('countersignature'),
      },
    ],
    held: [root, digestFor('layer')].sort(),
    counts: { blobs: { ...none, copied: 2 }, manifests: { ...none, copied: 1 } },
    ...given,
  }
}

/** The same bundle, refused. */
export function aRefusal(given: Partial<Receipt> = {}): Receipt {
  const because = [{ detail: 'signed by nobody', code: 'ERR_SIGNATURE_MISSING' }]
  const root = { source: 'registry.example/app:1.0', digest: digestFor('root'), ruling: 'refused', because } as const
  return aReceipt({ result: 'refused', roots: [root], held: [], ...given })
}

/** A receipt as a file, signed. */
export async function aReceiptFile(receipt: Receipt, signer: Signer, compact?: string): Promise<Uint8Array> {
  const document = formatReceipt(receipt)
  const { descriptor } = buildReceiptManifest(document, receipt)
  const { envelope, opened } = await makeSignature({ ...descriptor, mediaType: OCI_MANIFEST }, signingWith(signer))
  const signed = { document, envelope, envelopeType: opened.type }
  return formatReceiptFile({ ...signed, ...(compact === undefined ? {} : { compact }) })
}

/** What a verifier is given that trusts these roots. */
export function trusting(anchors: readonly Certificate[], now = NOW): Omit<VerificationContext, 'statement'> {
  const judge = revocationJudge([])
  return {
    now,
    signal: CALL.signal,
    store: async () => anchors,
    judgeRevocation: (chain, question) => judge(chain, question),
  }
}
