import type { ExportChoice } from '../../tui/means.js'
import type { CommandContext, ExitCode } from '../context.js'
import type { ExportWords } from '../exporting.js'
import { exportingMeans } from '../ui/exporting.js'
import { openAt, refuseDryRun, requireScreens } from './screens.js'

/** `export [SOURCE...] --ui`: the export on the screen, filled in with what the command line says; the rest of it counts, too. */
export async function exportOnScreen(
  sources: readonly string[],
  { ui: _, ...words }: ExportWords & { readonly ui?: boolean },
  context: CommandContext,
): Promise<ExitCode> {
  const screens = requireScreens(context)
  const { output, platform, stream, allowUnknownReferrers, unsigned, dryRun: _dryRun, ...beside } = words
  refuseDryRun(words)
  const given: Partial<ExportChoice> = {
    ...(sources.length === 0 ? {} : { sources }),
    ...(output === undefined ? {} : { output }),
    ...(platform === undefined ? {} : { platforms: platform }),
    ...(stream === undefined ? {} : { stream }),
    ...(allowUnknownReferrers === undefined ? {} : { allowUnknownReferrers }),
    ...(unsigned === true ? { sign: false } : beside.key === undefined ? {} : { sign: true }),
  }
  const means = { given: { export: given }, exporting: exportingMeans(context, beside) }
  return await openAt('export', { ...context, screens }, { means })
}
