import { printable } from '../encoding/printable.js'
import { TransferError } from '../errors.js'

/** notary: signature-specification, "Payload": this beginning of a key is the project's own. */
const RESERVED = 'io.cncf.notary'

/**
 * What a signer says of an artifact, as `KEY=VALUE`; a value may have further `=`.
 * @throws ERR_USAGE for what is no pair, a key that comes twice, and a key that is reserved
 */
export function parseMetadata(pairs: readonly string[]): Readonly<Record<string, string>> {
  const metadata = new Map<string, string>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    const key = pair.slice(0, Math.max(0, at))
    if (key === '') refuse(`not KEY=VALUE: "${printable(pair, 200)}"`)
    if (key.startsWith(RESERVED)) refuse(`"${printable(key, 200)}" begins with ${RESERVED}, which is reserved`)
    if (metadata.has(key)) refuse(`"${printable(key, 200)}" is given twice`)
    metadata.set(key, pair.slice(at + 1))
  }
  return Object.fromEntries(metadata)
}

function refuse(why: string): never {
  throw new TransferError('ERR_USAGE', `the metadata cannot be signed: ${why}`, { side: 'operator' })
}
