import { formatDocument } from '../../bundle/document.js'
import { formatInventory } from '../../bundle/inventory.js'
import { EMPTY_CONFIG, EMPTY_CONFIG_BYTES } from '../../bundle/layout.js'
import type { OpenedBundle } from '../../bundle/reader.js'
import { once } from '../../content/reopenable.js'
import type { CallOptions, ContentSink } from '../../content/store.js'
import { bare, type Descriptor, describe } from '../../oci/descriptor.js'
import { encodedOf } from '../../oci/digest.js'
import type { ReceiptManifest } from '../../receipt/receipt-manifest.js'
import { attachSignature } from '../../sign/attach.js'
import type { SignaturePack } from '../../sign/pack.js'
import { SIGNATURE_CONFIG } from '../../trust/signature-manifest.js'

/** The name of a waybill in the repository of records: it names the content, and so never moves. */
export function waybillTag({ waybill }: Pick<OpenedBundle, 'waybill'>): string {
  return `bundle-${encodedOf(waybill.descriptor.digest)}`
}

/**
 * Puts the waybill, with its document, inventory and signatures, into the repository of records, and names it: what a
 * receipt hangs on, and what a later importer can read again. What is there stays.
 * @throws what the sink throws
 */
export async function keepWaybill(bundle: OpenedBundle, sink: ContentSink, call: CallOptions): Promise<void> {
  const { waybill, document, inventory, signatures } = bundle
  const put = (descriptor: Descriptor, bytes: Uint8Array) => putUnlessThere({ descriptor, bytes }, sink, call)
  await put(EMPTY_CONFIG, EMPTY_CONFIG_BYTES)
  await put(waybill.document, formatDocument(document))
  await put(waybill.inventory, formatInventory(inventory))
  await put(waybill.descriptor, waybill.bytes)
  await sink.tag(waybill.descriptor, waybillTag(bundle), call)
  for (const { descriptor, manifest, envelope, envelopeType } of signatures) {
    const blobs = [{ descriptor: describe(envelopeType, envelope), bytes: envelope }, SIGNATURE_CONFIG]
    const subject = bare(waybill.descriptor)
    await attachSignature({ subject, manifest: { descriptor: bare(descriptor), bytes: manifest }, blobs }, sink, call)
  }
}

/** Hangs a receipt on its waybill, and its signature on the receipt. @throws what the sink throws */
export async function attachReceipt(
  {
    manifest,
    document,
    signature,
  }: {
    readonly manifest: ReceiptManifest
    readonly document: Uint8Array
    readonly signature: SignaturePack
  },
  sink: ContentSink,
  call: CallOptions,
): Promise<void> {
  await putUnlessThere({ descriptor: EMPTY_CONFIG, bytes: EMPTY_CONFIG_BYTES }, sink, call)
  await putUnlessThere({ descriptor: manifest.document, bytes: document }, sink, call)
  await sink.push(manifest.descriptor, once(manifest.bytes), call)
  await attachSignature(signature, sink, call)
}

async function putUnlessThere(
  { descriptor, bytes }: { readonly descriptor: Descriptor; readonly bytes: Uint8Array },
  sink: ContentSink,
  call: CallOptions,
): Promise<void> {
  if (!(await sink.has(descriptor, call))) await sink.push(descriptor, once(bytes), call)
}
