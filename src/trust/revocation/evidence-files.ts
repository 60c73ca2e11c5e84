import { isJsonObject, type Json, parseStrictJson } from '../../encoding/strict-json.js'
import { TransferError } from '../../errors.js'
import { LIMITS } from '../../limits.js'
import { decodeBase64 } from '../base64.js'
import { derElement } from '../der.js'
import { parsePem } from '../pem.js'
import type { Evidence } from './revocation.js'

const SEQUENCE = 0x30
const ENUMERATED = 0x0a

/**
 * The evidence in a file that an operator names, told by what it is: a CRL or an OCSP response in DER, PEM blocks of them,
 * or an entry of notation's cache (`{"baseCRL": …, "deltaCRL": …}`). Whether it is any good is not looked at.
 * @param what names the file in the error
 * @throws ERR_CONFIG_INVALID, ERR_JSON_INVALID, ERR_LIMIT_EXCEEDED
 */
export function parseEvidenceFile(bytes: Uint8Array, what: string): readonly Evidence[] {
  const fail = (why: string): never => {
    throw new TransferError('ERR_CONFIG_INVALID', `${what} is no evidence about revocation: ${why}`, {
      side: 'operator',
      subject: what,
    })
  }
  const found =
    bytes[0] === SEQUENCE
      ? [bytes]
      : bytes[0] === '{'.charCodeAt(0)
        ? fromCache(bytes, what, fail)
        : fromPem(bytes, fail)
  return found.map((der) => inDer(der, what, fail))
}

type Fail = (why: string) => never

function inDer(der: Uint8Array, what: string, fail: Fail): Evidence {
  const kind = kindOf(der)
  if (kind === undefined) return fail('it is neither a CRL nor an OCSP response')
  if (der.byteLength <= (kind === 'crl' ? LIMITS.crlBytes : LIMITS.ocspBytes)) return { kind, der }
  const message = `${what} has ${der.byteLength} bytes, which is more than is read of evidence`
  throw new TransferError('ERR_LIMIT_EXCEEDED', message, { side: 'operator', subject: what })
}

/** A CertificateList begins with a sequence (RFC 5280 §5.1), an OCSPResponse with an enumeration (RFC 6960 §4.2.1). */
function kindOf(der: Uint8Array): Evidence['kind'] | undefined {
  try {
    const outer = derElement(der)
    if (outer.tag !== SEQUENCE || outer.bytes.byteLength !== der.byteLength) return undefined
    const { tag } = derElement(outer.content)
    return tag === SEQUENCE ? 'crl' : tag === ENUMERATED ? 'ocsp' : undefined
  } catch {
    return undefined
  }
}

function fromPem(bytes: Uint8Array, fail: Fail): readonly Uint8Array[] {
  const blocks = parsePem(Buffer.from(bytes).toString('latin1'), fail)
  if (blocks.length === 0) return fail('it is neither DER nor PEM nor an entry of notation’s cache')
  return blocks.map((block) =>
    /^(?:X509 CRL|OCSP RESPONSE)$/.test(block.label) ? block.bytes : fail(`it holds a PEM block ${block.label}`),
  )
}

function fromCache(bytes: Uint8Array, what: string, fail: Fail): readonly Uint8Array[] {
  const json = parseStrictJson(bytes, what)
  const { baseCRL, deltaCRL } = isJsonObject(json) ? json : fail('it is no JSON object')
  const lists = [baseCRL, deltaCRL].filter((list): list is Json => list !== undefined && list !== null)
  if (lists.length === 0) return fail('it has neither a baseCRL nor a deltaCRL')
  return lists.map((list) => (typeof list === 'string' ? decodeBase64(list) : undefined) ?? fail('a CRL is not base64'))
}
