import { TransferError } from '../../errors.js'
import type { CommandContext, ExitCode } from '../context.js'
import { type ImportWords, performImport } from '../importing.js'
import { verdictOf } from '../render/checks.js'
import { importLines, importOutput } from '../render/import.js'

/** What the command line says; a screen asks for what is not there. */
export type ImportCommandOptions = Omit<ImportWords, 'to'> & Partial<Pick<ImportWords, 'to'>>

/** `import FILE --to TARGET`: verifies everything, and only then writes anything. */
export async function importBundle(
  path: string | undefined,
  { to, ...options }: ImportCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  if (path === undefined || to === undefined) {
    const missing = path === undefined ? 'no bundle is given' : 'no --to TARGET is given'
    throw new TransferError('ERR_USAGE', `${missing}; --ui asks for it on the screen`, { side: 'operator' })
  }
  const imported = await performImport(path, { ...options, to }, { context })
  context.print(importOutput(imported), importLines(imported, context))
  return verdictOf(imported.verification, imported.decision.rulings).exit
}
