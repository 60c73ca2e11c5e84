import { type BaseBlock, fromBER, ObjectIdentifier, OctetString, Sequence } from 'asn1js'
import { LIMITS } from '../../limits.js'
import { type Certificate, parseCertificate } from '../certificate/certificate.js'
import { ContentInfo, SignedData, type SignerInfo } from '../pkijs.js'
import { invalidToken, readPart } from './fault.js'
import { TST_INFO } from './signed-attributes.js'
import { readTstInfo, type TstInfo } from './tst-info.js'

/** An RFC 3161 token taken apart. Nothing of it is believed yet. */
export interface TimestampToken {
  readonly info: TstInfo
  /** the bytes of the TSTInfo, which the signers vouch for */
  readonly content: Uint8Array
  readonly certificates: readonly Certificate[]
  readonly signers: readonly SignerInfo[]
}

const SIGNED_DATA = '1.2.840.113549.1.7.2'

/**
 * Takes a TimeStampToken apart: a CMS ContentInfo with SignedData over a TSTInfo (RFC 3161 §2.4.2, RFC 5652). The shell may
 * be BER, as some authorities write it; what is signed must be DER.
 * @throws ERR_TIMESTAMP_INVALID
 */
export function readToken(bytes: Uint8Array): TimestampToken {
  const { certificates, data } = readSignedData(bytes)
  // RFC 5652 §5.1: the version that goes with any content but plain data.
  if (data.version !== 3) throw invalidToken('is CMS SignedData of another version than 3')
  const { eContentType, eContent } = data.encapContentInfo
  if (eContentType !== TST_INFO) throw invalidToken(`holds ${eContentType} instead of a TSTInfo`)
  if (!(eContent instanceof OctetString)) throw invalidToken('holds no TSTInfo')
  const content = new Uint8Array(eContent.getValue())
  if (data.signerInfos.length > LIMITS.timestampSigners) throw invalidToken('has too many signers')
  return {
    info: readTstInfo(content),
    content,
    certificates: readCertificates(certificates),
    signers: data.signerInfos,
  }
}

interface SplitSignedData {
  readonly certificates: readonly BaseBlock[]
  /** all but the certificates, and the CRLs, which nobody vouches for either */
  readonly data: SignedData
}

function readSignedData(bytes: Uint8Array): SplitSignedData {
  const result = parseExactly(bytes)
  if (!(childrenOf(result)[0] instanceof ObjectIdentifier)) {
    throw invalidToken('is no CMS message; a whole response of an authority is none, the token is inside it')
  }
  return readPart('CMS structure', () => {
    const { contentType, content } = new ContentInfo({ schema: result })
    if (contentType !== SIGNED_DATA) throw invalidToken(`is CMS of the type ${contentType} instead of SignedData`)
    if (!(content instanceof Sequence)) throw new Error('not a SEQUENCE')
    const fields = [...childrenOf(content)]
    const certificates = takeTagged(fields, 0)
    takeTagged(fields, 1)
    return { certificates: childrenOf(certificates), data: new SignedData({ schema: new Sequence({ value: fields }) }) }
  })
}

/** Takes the optional element with this tag out of its place, the fourth. */
function takeTagged(fields: BaseBlock[], number: number): BaseBlock | undefined {
  const { tagClass, tagNumber } = fields[3]?.idBlock ?? {}
  return tagClass === 3 && tagNumber === number ? fields.splice(3, 1)[0] : undefined
}

/**
 * Parses bytes that are one element of BER, and nothing after it.
 * @throws ERR_TIMESTAMP_INVALID
 */
export function parseExactly(bytes: Uint8Array): BaseBlock {
  if (bytes.byteLength > LIMITS.timestampTokenBytes) {
    throw invalidToken(`has more than ${LIMITS.timestampTokenBytes} bytes`)
  }
  // It says what is wrong in its result, but throws at some texts (a BMPString of an odd length).
  const { offset, result } = readPart('ASN.1', () => fromBER(bytes))
  if (result.error !== '' || offset < 0) throw invalidToken('is not ASN.1')
  // What comes after it would be covered by nothing.
  if (offset !== bytes.byteLength) throw invalidToken('has bytes after its end')
  if (!fills(result)) throw invalidToken('is ASN.1 whose lengths contradict each other')
  return result
}

/** True if elements fill what they are in. The parser lets them end after it: another reader would see other elements. */
function fills(block: BaseBlock): boolean {
  const { idBlock, lenBlock, valueBeforeDecodeView } = block
  const header = idBlock.blockLength + lenBlock.blockLength
  if (idBlock.blockLength !== 1 || header > valueBeforeDecodeView.byteLength) return false
  if (!idBlock.isConstructed) return !lenBlock.isIndefiniteForm
  const inside = childrenOf(block)
  const length = inside.reduce((sum, { valueBeforeDecodeView: bytes }) => sum + bytes.byteLength, 0)
  const expected = lenBlock.isIndefiniteForm ? valueBeforeDecodeView.byteLength - header - 2 : lenBlock.length
  return length === expected && inside.every(fills)
}

/** As they were received: a certificate's name is the hash of these bytes, not of what a library would write. */
function readCertificates(blocks: readonly BaseBlock[]): readonly Certificate[] {
  if (blocks.length === 0) throw invalidToken('carries no certificates')
  if (blocks.length > LIMITS.timestampCertificates) throw invalidToken('carries too many certificates')
  return readPart('certificates', () =>
    blocks.map(({ valueBeforeDecodeView }, at) =>
      parseCertificate(
        Uint8Array.from(valueBeforeDecodeView),
        `certificate ${at + 1} of the timestamp token`,
        'ERR_SIGNATURE_INVALID',
      ),
    ),
  )
}

/** The elements inside a constructed one; of any other none. */
export function childrenOf(block: BaseBlock | undefined): readonly BaseBlock[] {
  if (block === undefined) return []
  const value: unknown = (block.valueBlock as { readonly value?: unknown }).value
  return block.idBlock.isConstructed && Array.isArray(value) ? (value as readonly BaseBlock[]) : []
}
