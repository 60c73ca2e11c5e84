import { printable } from '../encoding/printable.js'
import { isJsonObject, parseStrictJson } from '../encoding/strict-json.js'

const CODES: readonly string[] = [
  'VALIDATION_ERROR',
  'UNSUPPORTED_CONTRACT_VERSION',
  'ACCESS_DENIED',
  'TIMEOUT',
  'THROTTLED',
  'ERROR',
]

/**
 * What a plugin says of its failure, for the operator: its error code and message where it speaks the contract
 * (plugin-extensibility, "Error response"), else how it ended. Foreign text, made harmless.
 */
export function describeError(status: number, stderr: Uint8Array): string {
  const told = readError(stderr)
  if (told !== undefined) return told
  const ending = status === -1 ? 'it was ended by a signal' : `it ended with status ${status}`
  const text = printable(Buffer.from(stderr).toString('utf8').trim(), 300)
  return text === '' ? `${ending} and said nothing` : `${ending}: ${text}`
}

function readError(stderr: Uint8Array): string | undefined {
  try {
    const json = parseStrictJson(stderr, 'the error')
    if (!isJsonObject(json)) return undefined
    const { errorCode, errorMessage, errorMetadata } = json
    if (typeof errorCode !== 'string' || !CODES.includes(errorCode)) return undefined
    const message = typeof errorMessage === 'string' && errorMessage !== '' ? `: ${printable(errorMessage, 500)}` : ''
    return `${errorCode}${message}${metadataText(errorMetadata)}`
  } catch {
    return undefined
  }
}

function metadataText(metadata: unknown): string {
  if (typeof metadata !== 'object' || metadata === null) return ''
  const pairs = Object.entries(metadata).flatMap(([name, value]) =>
    typeof value === 'string' ? [`${printable(name, 60)}=${printable(value, 120)}`] : [],
  )
  return pairs.length === 0 ? '' : ` (${pairs.slice(0, 8).join(', ')})`
}
