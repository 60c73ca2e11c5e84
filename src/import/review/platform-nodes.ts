import type { Omission } from '../../content/node.js'
import type { Descriptor } from '../../oci/descriptor.js'
import { isManifestType } from '../../oci/media-types.js'
import { formatPlatform } from '../../oci/platform.js'
import { type Below, mayDraw } from './context.js'
import { fact, label, shortDigest } from './facts.js'
import { drawnOnce, hungNodes } from './hung-nodes.js'
import type { ReviewNode } from './review.js'
import { bytesBelow } from './sizes.js'

/** Of an index: what is in it and what was left out of it, and of an image what was left out, each with what hangs there. */
export function platformNodes(descriptor: Descriptor, id: string, below: Below): readonly ReviewNode[] {
  const manifest = below.closure.manifests.get(descriptor.digest)
  if (manifest === undefined) return []
  const children: ReviewNode[] = []
  for (const child of manifest.kind === 'index' ? manifest.children : []) {
    if (!mayDraw(below.context)) break
    children.push(platformNode(child, `${id}/p${children.length}`, below))
  }
  for (const omission of manifest.omissions) {
    if (!mayDraw(below.context)) break
    children.push(omissionNode(omission, `${id}/o${children.length}`))
  }
  return children
}

function platformNode(child: Descriptor, id: string, below: Below): ReviewNode {
  const { digest, mediaType, size, platform } = child
  const isAttestation = platform?.os === 'unknown' && platform.architecture === 'unknown'
  const name = platform === undefined ? undefined : formatPlatform(platform)
  const what = isAttestation
    ? 'attestation of BuildKit'
    : (name ?? (isManifestType(mediaType) ? 'manifest' : mediaType))
  const total = bytesBelow(child, below)
  const manifest = below.closure.manifests.get(digest)
  const document = isAttestation ? manifest?.children[1] : undefined
  return {
    id,
    kind: isAttestation ? 'document' : 'platform',
    label: label(`${what} ${shortDigest(digest)}`),
    verdict: 'note',
    ...(total === undefined ? {} : { size: total }),
    details: [
      ...fact('platform', name),
      ...fact('os version', platform?.['os.version']),
      ...fact('digest', digest),
      ...fact('media type', mediaType),
      ...fact('manifest', `${size} bytes`),
      ...fact('layers', manifest?.kind === 'image' ? Math.max(0, manifest.children.length - 1) : undefined),
    ],
    children: drawnOnce(digest, below, () => [...platformNodes(child, id, below), ...hungNodes(digest, id, below)]),
    ...(document === undefined
      ? {}
      : { document: { digest: document.digest, mediaType: label(document.mediaType), size: document.size } }),
  }
}

function omissionNode({ descriptor, reason, platform }: Omission, id: string): ReviewNode {
  const { digest, mediaType, size } = descriptor
  const name = platform === undefined ? mediaType : formatPlatform(platform)
  const why =
    reason === 'platform' ? 'the exporter was not asked for this platform' : 'the layer may not be distributed'
  return {
    id,
    kind: reason === 'platform' ? 'platform' : 'content',
    label: label(`${name} ${shortDigest(digest)}, left out`),
    verdict: 'note',
    details: [
      ...fact('left out', why),
      ...fact('digest', digest),
      ...fact('media type', mediaType),
      ...fact('size', `${size} bytes, not in the bundle`),
    ],
    children: [],
  }
}
