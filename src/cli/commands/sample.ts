import { printable } from '../../encoding/printable.js'
import { shellWords } from '../../encoding/shell-words.js'
import type { CommandContext, ExitCode } from '../context.js'
import { makeSample, sampleLines } from '../sample/make-sample.js'

/** `sample DIR`: a small signed release to try all of it with, and its exporter's certificate. Never writes over a file. */
export async function writeSample(dir: string, context: CommandContext): Promise<ExitCode> {
  const { emit, signal } = context
  const made = await makeSample(dir, context, { emit, signal, ready: async () => {} })
  const { bundle, certificate, thumbprint, fingerprint } = made
  const first = fingerprint.slice(0, 19)
  context.print({ schema: 'waybill.sample.v1', bundle, certificate, rootThumbprint: thumbprint }, [
    ...sampleLines(made).map((line) => printable(line, 2000)),
    'What next:',
    `  ${printable(shellWords(['waybill', 'trust', 'add', certificate, '--fingerprint', first]), 2000)}`,
    `  ${printable(shellWords(['waybill', 'verify', bundle]), 2000)}`,
  ])
  return 0
}
