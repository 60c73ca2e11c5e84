import { once } from '../../../content/reopenable.js'
import { canonicalJson } from '../../../encoding/canonical-json.js'
import { TransferError } from '../../../errors.js'
import type { Descriptor } from '../../../oci/descriptor.js'
import { attachSignature } from '../../../sign/attach.js'
import { makeSignature } from '../../../sign/make-signature.js'
import { packSignature } from '../../../sign/pack.js'
import type { MadeSignature, SigningOptions } from '../../../sign/signing-options.js'
import { EMPTY_LOG, formatLine, type Log, parseLog } from '../../../state/log-lines.js'
import { verifySignature } from '../../../trust/notary/verify-signature.js'
import { packState } from './artifact.js'
import type { StateEntry } from './entries.js'
import type { SnapshotOptions } from './snapshots.js'
import { signatureTag, snapshotTag } from './tag-names.js'
import { entriesOf, type StreamView } from './view.js'

export interface PublishOptions extends SnapshotOptions {
  readonly signing: SigningOptions
}

/**
 * Adds an entry to a stream's state: a new snapshot, its signature, and then its tag, which nobody else can have: it says
 * what it is a tag of. What branches off is taken over. Nothing that is there is changed.
 * @param view what has been read; undefined for a stream of which there is nothing yet
 * @throws what the registry and the key throw
 */
export async function publishEntry(
  stream: string,
  entry: StateEntry,
  given: PublishOptions & { readonly view: StreamView | undefined },
): Promise<void> {
  const { store, view, signal } = given
  const { log, lines } = withEntries(view, entry)
  const { manifest, blobs } = packState(lines)
  for (const { descriptor, bytes } of blobs)
    if (!(await store.has(descriptor, { signal }))) await store.push(descriptor, once(bytes), { signal })
  await store.push(manifest.descriptor, once(manifest.bytes), { signal })
  // Before the tag: a reader that sees the tag finds the signature.
  const made = await makeSignature(manifest.descriptor, { ...given.signing, signal })
  await requireOurs(made, manifest.descriptor, given)
  const pack = packSignature(made, manifest.descriptor)
  await attachSignature(pack, store, { signal })
  const tag = snapshotTag(stream, { lines: log.entries.length, head: log.head })
  // Some registries collect what has no tag, signatures with it, and an importer that keeps nothing would be locked out.
  await store.tag(pack.manifest.descriptor, signatureTag(tag), { signal })
  await store.tag(manifest.descriptor, tag, { signal })
}

/** What no importer would believe must not come under a name: it would keep all of them out. */
async function requireOurs({ envelope }: MadeSignature, target: Descriptor, given: PublishOptions): Promise<void> {
  const { signing, verification, signal } = given
  const question = { signature: target.digest, envelope, type: signing.type, target }
  const outcome = await verifySignature(question, { ...verification, signal })
  if (outcome.verdict === 'verified') return
  const why = outcome.validations.find(({ result }) => result !== 'pass')?.detail ?? ''
  const message = `the importer’s key cannot sign its state, since no importer would believe it: ${why}`
  throw new TransferError('ERR_KEY_UNUSABLE', message, { side: 'operator' })
}

function withEntries(
  view: StreamView | undefined,
  entry: StateEntry,
): { readonly log: Log; readonly lines: readonly Uint8Array[] } {
  const [first, ...others] = view?.snapshots ?? []
  const here = new Set(first === undefined ? [] : entriesOf(first).map((one) => canonicalJson(one)))
  const missing = (view?.entries ?? []).filter((one) => one.kind !== 'merged' && !here.has(canonicalJson(one)))
  const taken: StateEntry[] =
    others.length === 0 ? [] : [{ kind: 'merged', heads: others.map(({ log }) => log.head) }, ...missing]
  const lines = first === undefined ? [] : splitLines(first.bytes)
  let log = first?.log ?? EMPTY_LOG
  for (const one of [...taken, entry]) {
    lines.push(Buffer.concat([formatLine(one, log.head), Buffer.from('\n')]))
    log = parseLog(Buffer.concat(lines), 'the importer’s state')
  }
  return { log, lines }
}

function splitLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let at = 0; at < bytes.byteLength; ) {
    const end = bytes.indexOf(0x0a, at) + 1
    lines.push(bytes.subarray(at, end))
    at = end
  }
  return lines
}
