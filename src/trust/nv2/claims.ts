import type { JsonObject } from '../../encoding/strict-json.js'
import { LIMITS } from '../../limits.js'
import { bare } from '../../oci/descriptor.js'
import { parseDescriptor } from '../../oci/manifest.js'
import type { Nv2Claims } from './nv2.js'

/** the last second of the year 9999; RFC 3339 has no later ones */
const LAST_SECOND = 253_402_300_799

/**
 * What a JWT claims (nv2, docs/signature, "Claims"): the descriptor stands at the top level, with names and times beside
 * it. Other claims are ignored, as RFC 7519 §4 wants it: whoever wants to bind a reader has `crit` for that.
 * @param refuse is called with a sentence about what is wrong, and throws
 */
export function readClaims(json: JsonObject, refuse: (why: string) => never): Nv2Claims {
  const { mediaType, digest, size } = json
  const target = bare(parseDescriptor({ mediaType, digest, size }, 'the claim', refuse))
  const issuedAt = readTime(json, 'iat', refuse)
  const notBefore = readTime(json, 'nbf', refuse)
  const expiry = readTime(json, 'exp', refuse)
  return {
    target,
    references: readReferences(json, refuse),
    ...(issuedAt === undefined ? {} : { issuedAt }),
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(expiry === undefined ? {} : { expiry }),
  }
}

/** The claims as bytes, in the order in which the prototype writes them. Times are cut to whole seconds. */
export function formatClaims({ target, references, issuedAt, notBefore, expiry }: Nv2Claims): Uint8Array {
  const claims = {
    mediaType: target.mediaType,
    digest: target.digest,
    size: target.size,
    ...(references.length === 0 ? {} : { references }),
    exp: seconds(expiry),
    iat: seconds(issuedAt),
    nbf: seconds(notBefore),
  }
  return new TextEncoder().encode(JSON.stringify(claims))
}

function readReferences(json: JsonObject, refuse: (why: string) => never): readonly string[] {
  const { references } = json
  if (references === undefined) return []
  if (!Array.isArray(references)) return refuse('its references are not a list')
  if (references.length > LIMITS.nv2References) refuse(`it claims more than ${LIMITS.nv2References} references`)
  return references.map((one: unknown) => (typeof one === 'string' ? one : refuse('a reference is not a text')))
}

function readTime(json: JsonObject, name: string, refuse: (why: string) => never): Date | undefined {
  const value = json[name]
  if (value === undefined) return undefined
  if (typeof value !== 'number' || value < 0 || value > LAST_SECOND) {
    return refuse(`its ${name} is not a number of seconds since 1970`)
  }
  return new Date(value * 1000)
}

function seconds(time: Date | undefined): number | undefined {
  return time === undefined ? undefined : Math.floor(time.getTime() / 1000)
}
