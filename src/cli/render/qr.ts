import { encode } from 'uqr'

const QUIET_ZONE = 4

/**
 * A text as a QR code of half blocks, two rows of it in one line; level M, which a fold or a stain does not spoil. Blocks
 * are the dark modules, as on paper; on a terminal they are drawn black on white, whatever its own colours are.
 */
export function qrLines(text: string, given: { readonly terminal: boolean }): string[] {
  const { data, size } = encode(text, { ecc: 'M', border: QUIET_ZONE })
  const lines: string[] = []
  for (let row = 0; row < size; row += 2) {
    const line = Array.from({ length: size }, (_, at) => halves(data[row]?.[at], data[row + 1]?.[at])).join('')
    lines.push(given.terminal ? `\u001b[30;107m${line}\u001b[0m` : line)
  }
  return lines
}

function halves(upper: boolean | undefined, lower: boolean | undefined): string {
  if (upper === true) return lower === true ? '█' : '▀'
  return lower === true ? '▄' : ' '
}
