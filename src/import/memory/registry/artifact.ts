import { canonicalBytes } from '../../../encoding/canonical-json.js'
import { TransferError } from '../../../errors.js'
import { LIMITS } from '../../../limits.js'
import { bare, type Descriptor, describe } from '../../../oci/descriptor.js'
import { artifactTypeOf, parseManifest } from '../../../oci/manifest.js'
import { OCI_EMPTY, OCI_MANIFEST } from '../../../oci/media-types.js'
import type { Stored } from '../../../sign/pack.js'

/** What a snapshot of the importer's state is. docs/format.md quotes both. */
export const STATE_TYPE = 'application/vnd.waybill.state.v1'
export const STATE_LOG_TYPE = 'application/vnd.waybill.state.log.v1+jsonl'

const EMPTY = { descriptor: describe(OCI_EMPTY, Buffer.from('{}')), bytes: Buffer.from('{}') }

/** Lines of one layer: those before the last layer never change, so that two snapshots share them. */
const LINES_PER_LAYER = 64

/** A snapshot as a registry keeps it. */
export interface StateArtifact {
  readonly manifest: Stored
  readonly blobs: readonly Stored[]
}

/** @param lines of the whole log, each with its line feed */
export function packState(lines: readonly Uint8Array[]): StateArtifact {
  const layers: Stored[] = []
  for (let at = 0; at < lines.length; at += LINES_PER_LAYER) {
    const bytes = Buffer.concat(lines.slice(at, at + LINES_PER_LAYER))
    layers.push({ descriptor: describe(STATE_LOG_TYPE, bytes), bytes })
  }
  const bytes = canonicalBytes({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: STATE_TYPE,
    config: { ...bare(EMPTY.descriptor) },
    layers: layers.map(({ descriptor }) => ({ ...bare(descriptor) })),
  })
  return { manifest: { descriptor: describe(OCI_MANIFEST, bytes), bytes }, blobs: [...layers, EMPTY] }
}

/**
 * The layers that a snapshot's manifest names, in the order of the log.
 * @throws ERR_STATE_DAMAGED where it is no snapshot, ERR_LIMIT_EXCEEDED
 */
export function stateLayers(bytes: Uint8Array, tag: string): readonly Descriptor[] {
  const manifest = parseManifest(bytes, OCI_MANIFEST, tag)
  const layers = manifest.kind === 'image' ? manifest.layers : []
  const known = artifactTypeOf(manifest) === STATE_TYPE && layers.every(({ mediaType }) => mediaType === STATE_LOG_TYPE)
  if (!known || layers.length === 0) throw damagedState(tag, 'it is no snapshot of an importer’s state')
  const size = layers.reduce((sum, layer) => sum + layer.size, 0)
  if (size <= LIMITS.streamFileBytes) return layers
  const message = `${tag} has ${size} bytes of state, at most ${LIMITS.streamFileBytes} are read`
  throw new TransferError('ERR_LIMIT_EXCEEDED', message, { side: 'sink', subject: tag })
}

/** What is under a tag of the state, and cannot be. */
export function damagedState(tag: string, why: string, cause?: unknown): TransferError {
  const message = `the importer’s state in the registry, ${tag}, is refused: ${why}`
  return new TransferError('ERR_STATE_DAMAGED', message, { side: 'sink', subject: tag, cause })
}
