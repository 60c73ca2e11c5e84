// The built program's own functions, with the types of their sources. Loaded by address, so that types can be checked
// before anything is built.

/** @param {string} path @returns {Promise<any>} */
const built = (path) => import(new URL(`../dist/${path}`, import.meta.url).href)

/** @type {typeof import('../src/content/reopenable.js')} */
export const { once } = await built('content/reopenable.js')
/** @type {typeof import('../src/encoding/canonical-json.js')} */
export const { canonicalBytes } = await built('encoding/canonical-json.js')
/** @type {typeof import('../src/oci/descriptor.js')} */
export const { bare, describe } = await built('oci/descriptor.js')
/** @type {typeof import('../src/oci/digest.js')} */
export const { digestOf, encodedOf } = await built('oci/digest.js')
/** @type {typeof import('../src/oci/media-types.js')} */
export const { isManifestType, OCI_CONFIG, OCI_EMPTY, OCI_INDEX, OCI_LAYER_GZIP, OCI_MANIFEST } =
  await built('oci/media-types.js')
/** @type {typeof import('../src/registry/client.js')} */
export const { openRegistry } = await built('registry/client.js')
/** @type {typeof import('../src/trust/envelope/envelope.js')} */
export const { ENVELOPE_JWS } = await built('trust/envelope/envelope.js')
/** @type {typeof import('../src/trust/envelope/open.js')} */
export const { openEnvelope } = await built('trust/envelope/open.js')
/** @type {typeof import('../src/trust/envelope/seal.js')} */
export const { sealEnvelope } = await built('trust/envelope/seal.js')
/** @type {typeof import('../src/trust/key/new-keys.js')} */
export const { makeSigningKeys } = await built('trust/key/new-keys.js')
/** @type {typeof import('../src/trust/payload.js')} */
export const { formatPayload, parsePayload } = await built('trust/payload.js')
/** @type {typeof import('../src/trust/signature-manifest.js')} */
export const { buildSignatureManifest, SIGNATURE_TYPE } = await built('trust/signature-manifest.js')
/** @type {typeof import('../src/trust/key/signer.js')} */
export const { loadSigner } = await built('trust/key/signer.js')
