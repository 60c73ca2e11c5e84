import type { Vector } from './bundles-vectors.js'
import { archiveVectors } from './bundles-vectors-archive.js'
import { claimVectors } from './bundles-vectors-claims.js'
import { corpusArchiveVectors } from './bundles-vectors-corpus-archive.js'
import { corpusManifestVectors } from './bundles-vectors-corpus-manifests.js'
import { corpusSignatureVectors } from './bundles-vectors-corpus-signatures.js'
import { evidenceVectors } from './bundles-vectors-evidence.js'
import { incrementalVectors } from './bundles-vectors-incremental.js'
import { manifestVectors } from './bundles-vectors-manifests.js'
import { signatureVectors } from './bundles-vectors-signatures.js'
import { signedVectors } from './bundles-vectors-signed.js'
import { validVectors } from './bundles-vectors-valid.js'
import { type Recorded, recordedSigner } from './keys-fixed.js'

/** Every case of `test/vectors`; the bases of others come first. New signatures are put into `recorded`. */
export async function allVectors(recorded: Recorded): Promise<readonly Vector[]> {
  const signer = recordedSigner('exporter', recorded)
  const valid = await validVectors(signer)
  return [
    ...valid.vectors,
    ...(await archiveVectors(valid.image)),
    ...(await signatureVectors(valid.image, valid.release, recorded)),
    ...(await signedVectors(valid, signer)),
    ...(await claimVectors(valid, signer)),
    ...(await manifestVectors(valid.image, signer)),
    ...(await evidenceVectors(signer)),
    ...(await incrementalVectors(valid, signer)),
    ...(await corpusArchiveVectors(valid.image, valid.sha512)),
    ...(await corpusManifestVectors(valid.image, signer)),
    ...(await corpusSignatureVectors(valid.image, recorded)),
  ]
}
