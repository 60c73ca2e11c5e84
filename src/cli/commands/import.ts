import type { CommandContext, ExitCode } from '../context.js'
import { type ImportWords, performImport } from '../importing.js'
import { verdictOf } from '../render/checks.js'
import { importLines, importOutput } from '../render/import.js'

/** `import FILE --to TARGET`: verifies everything, and only then writes anything. */
export async function importBundle(path: string, options: ImportWords, context: CommandContext): Promise<ExitCode> {
  const imported = await performImport(path, options, { context })
  context.print(importOutput(imported), importLines(imported, context))
  return verdictOf(imported.verification, imported.decision.rulings).exit
}
