import { LIMITS } from '../../limits.js'
import { parseCertificate } from '../certificate/certificate.js'
import { checkChain } from '../certificate/chain.js'
import { algorithmOfKey } from '../key/algorithms.js'
import { readCose } from './cose.js'
import { ENVELOPE_JWS, type EnvelopeType, type OpenedEnvelope } from './envelope.js'
import { readJws } from './jws.js'
import { refuse } from './refuse.js'

/**
 * Opens an envelope: every rule of its format, the signature over the received bytes, then the chain's own rules. Judges
 * integrity only: dates, trust, revocation, the timestamp and critical extended attributes are for others to judge.
 * @throws ERR_SIGNATURE_INVALID, with one sentence that never says which byte differed
 */
export async function openEnvelope(bytes: Uint8Array, type: EnvelopeType): Promise<OpenedEnvelope> {
  if (bytes.byteLength > LIMITS.envelopeBytes) refuse(`it has more than ${LIMITS.envelopeBytes} bytes`)
  const read = type === ENVELOPE_JWS ? readJws(bytes) : readCose(bytes)
  const chain = read.certificates.map((der, at) =>
    parseCertificate(der, `certificate ${at + 1} of the signature's chain`, 'ERR_SIGNATURE_INVALID'),
  )
  const [leaf] = chain
  const algorithm = leaf && algorithmOfKey(leaf.publicKey)
  if (leaf === undefined || algorithm === undefined || algorithm !== read.algorithm) {
    return refuse('its algorithm is not the one of the signing key')
  }
  if (!(await read.verify(leaf.publicKey))) refuse(`it does not verify with the key of ${leaf.subject}`)
  const [finding] = checkChain(chain)
  if (finding !== undefined) refuse(finding)
  const { payload, attributes, signature, timestampToken } = read
  const opened = { type, payload, chain, algorithm, attributes, signature }
  return timestampToken === undefined ? opened : { ...opened, timestampToken }
}
