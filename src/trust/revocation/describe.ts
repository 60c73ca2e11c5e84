import { printable } from '../../encoding/printable.js'
import { TransferError } from '../../errors.js'
import { readName } from '../certificate/names.js'
import { readCrl } from './crl.js'
import { checkEntries } from './crl-entries.js'
import { type OcspResponse, readOcspResponse } from './ocsp.js'
import type { Evidence } from './revocation.js'

/** What a piece of evidence says of itself. Whether it is authentic is not looked at. */
export interface EvidenceDescription {
  readonly thisUpdate: Date
  /** of several answers the first that ends; absent where one has no end */
  readonly nextUpdate?: Date
  /** who made it, safe to print; absent where it is only named by its key */
  readonly issuer?: string
}

/**
 * Describes a CRL or an OCSP response.
 * @throws ERR_CONTENT_MISMATCH for bytes that are none, or none that could ever be used
 */
export function describeEvidence({ kind, der }: Evidence): EvidenceDescription {
  try {
    return kind === 'crl' ? describeList(der) : describeResponse(readOcspResponse(der))
  } catch (cause) {
    const what = kind === 'crl' ? 'a CRL' : 'an OCSP response'
    const why = cause instanceof Error ? cause.message : 'it is damaged'
    throw new TransferError('ERR_CONTENT_MISMATCH', `this is not ${what} that can be used: ${why}`, { cause })
  }
}

function describeList(der: Uint8Array): EvidenceDescription {
  const { thisUpdate, nextUpdate, issuerDer, entries, baseNumber } = readCrl(der)
  if (entries !== undefined) checkEntries(entries, baseNumber !== undefined)
  return { thisUpdate, nextUpdate, issuer: nameText(issuerDer) }
}

function describeResponse({ answers, responder }: OcspResponse): EvidenceDescription {
  if (answers.length === 0) throw new Error('it has no answer')
  const ends = answers.flatMap(({ nextUpdate }) => (nextUpdate === undefined ? [] : [nextUpdate.getTime()]))
  return {
    thisUpdate: new Date(Math.max(...answers.map(({ thisUpdate }) => thisUpdate.getTime()))),
    ...(ends.length < answers.length ? {} : { nextUpdate: new Date(Math.min(...ends)) }),
    ...(responder.kind === 'name' ? { issuer: nameText(responder.nameDer) } : {}),
  }
}

const SHORT: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
}

function nameText(der: Uint8Array): string {
  const rdns = readName(der).map((rdn) => rdn.map(({ type, value }) => `${SHORT[type] ?? type}=${value}`).join('+'))
  return printable(rdns.join(', '))
}
