import type { CommandContext, ExitCode } from '../context.js'
import { importCommand } from '../ui/import-words.js'
import { importFor } from '../ui/importing.js'
import type { ImportCommandOptions } from './import.js'
import { openAt, refuseDryRun, requireScreens } from './screens.js'

/** `import [FILE] --ui`: the import on the screen, filled in with what the command line says; the rest of it counts, too. */
export async function importOnScreen(
  path: string | undefined,
  { ui: _, to, receipt, countersign, ...words }: ImportCommandOptions & { readonly ui?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const screens = requireScreens(context)
  refuseDryRun(words)
  const given = {
    ...(path === undefined ? {} : { path }),
    ...(to === undefined ? {} : { to }),
    ...(receipt === undefined ? {} : { receipt }),
    ...(countersign === undefined ? {} : { countersign }),
    keys: words.key !== undefined,
  }
  const means = {
    given: { import: given },
    importBundle: importFor(context, words),
    importCommand: importCommand(context, words),
  }
  return await openAt('import', { ...context, screens }, { means })
}
