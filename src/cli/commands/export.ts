import { TransferError } from '../../errors.js'
import type { CommandContext, ExitCode } from '../context.js'
import { type ExportWords, performExport } from '../exporting.js'
import { exportLines, exportOutput } from '../render/export.js'

/** `export SOURCE...`: one bundle of everything below and about the sources. */
export async function exportBundle(
  sources: readonly string[],
  words: ExportWords,
  context: CommandContext,
): Promise<ExitCode> {
  if (sources.length === 0)
    throw new TransferError('ERR_USAGE', 'no SOURCE is given; --ui asks for it on the screen', { side: 'operator' })
  const exported = await performExport(sources, words, { context })
  context.print(exportOutput(exported), exportLines(exported))
  return 0
}
