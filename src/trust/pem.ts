import { decodeBase64, encodeBase64 } from './base64.js'

export interface PemBlock {
  /** what stands after BEGIN: `CERTIFICATE`, `PRIVATE KEY` */
  readonly label: string
  readonly bytes: Uint8Array
}

const BEGIN = /^-----BEGIN ([A-Z0-9 ]{1,40})-----$/

/**
 * The blocks of a PEM text (RFC 7468, strict inside blocks). Text between blocks is left out: tools write subjects there.
 * @param fail is called with a sentence about what is wrong, and throws
 */
export function parsePem(text: string, fail: (why: string) => never): readonly PemBlock[] {
  const blocks: PemBlock[] = []
  let label: string | undefined
  let body: string[] = []
  for (const line of text.split('\n').map((raw) => raw.trimEnd())) {
    if (label === undefined) {
      // A damaged boundary must not turn a certificate into a comment.
      if (line.startsWith('-----')) label = BEGIN.exec(line)?.[1] ?? fail('a PEM boundary is damaged')
      body = []
    } else if (line.startsWith('-----')) {
      if (line !== `-----END ${label}-----`) fail(`a PEM block ${label} does not end`)
      blocks.push({ label, bytes: decodeBase64(body.join('')) ?? fail(`a PEM block ${label} is not base64`) })
      label = undefined
    } else body.push(line)
  }
  if (label !== undefined) fail(`a PEM block ${label} does not end`)
  return blocks
}

/** One PEM block, lines of 64 characters. */
export function formatPem(label: string, bytes: Uint8Array): string {
  const lines = encodeBase64(bytes).match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
