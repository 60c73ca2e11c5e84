import { type BaseBlock, fromBER, ObjectIdentifier, OctetString, Sequence } from 'asn1js'
import { LIMITS } from '../../limits.js'
import { type Certificate, parseCertificate } from '../certificate.js'
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
  const signed = readSignedData(bytes)
  const { block, data } = signed
  // RFC 5652 §5.1: the version that goes with any content but plain data.
  if (data.version !== 3) throw invalidToken('is CMS SignedData of another version than 3')
  const { eContentType, eContent } = data.encapContentInfo
  if (eContentType !== TST_INFO) throw invalidToken(`holds ${eContentType} instead of a TSTInfo`)
  if (!(eContent instanceof OctetString)) throw invalidToken('holds no TSTInfo')
  const content = new Uint8Array(eContent.getValue())
  if (data.signerInfos.length > LIMITS.timestampSigners) throw invalidToken('has too many signers')
  return { info: readTstInfo(content), content, certificates: readCertificates(block), signers: data.signerInfos }
}

function readSignedData(bytes: Uint8Array): { readonly block: BaseBlock; readonly data: SignedData } {
  const result = parseExactly(bytes)
  if (!(childrenOf(result)[0] instanceof ObjectIdentifier)) {
    throw invalidToken('is no CMS message; a whole response of an authority is none, the token is inside it')
  }
  return readPart('CMS structure', () => {
    const { contentType, content } = new ContentInfo({ schema: result })
    if (contentType !== SIGNED_DATA) throw invalidToken(`is CMS of the type ${contentType} instead of SignedData`)
    const block: unknown = content
    if (!(block instanceof Sequence)) throw new Error('not a SEQUENCE')
    return { block, data: new SignedData({ schema: block }) }
  })
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
  return result
}

/** As they were received: a certificate's name is the hash of these bytes, not of what a library would write. */
function readCertificates(signedData: BaseBlock): readonly Certificate[] {
  const set = childrenOf(signedData).find(({ idBlock }) => idBlock.tagClass === 3 && idBlock.tagNumber === 0)
  const blocks = set === undefined ? [] : childrenOf(set)
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
export function childrenOf(block: BaseBlock): readonly BaseBlock[] {
  const value: unknown = (block.valueBlock as { readonly value?: unknown }).value
  return block.idBlock.isConstructed && Array.isArray(value) ? (value as readonly BaseBlock[]) : []
}
