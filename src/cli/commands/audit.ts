import type { CommandContext, ExitCode } from '../context.js'
import { openAudit } from '../ui/audit.js'
import { openAt, requireScreens } from './screens.js'
import { refuseUnused, usage, type VerifyCommandOptions } from './verify-options.js'

/** `verify FILE --ui`: the audit on the screen, with what `verify` was told; it exits as `verify` does. */
export async function auditOnScreen(
  path: string | undefined,
  options: VerifyCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const screens = requireScreens(context)
  if (options.signature !== undefined || options.subject !== undefined)
    throw usage('--ui is for bundles and receipts: leave --signature and --subject out')
  refuseUnused(options, ['scope', 'policyName', 'metadata', 'review'], 'what is shown on the screen')
  return await openAt(
    'audit',
    { ...context, screens },
    {
      means: { openAudit: openAudit(context, options) },
      ...(path === undefined ? {} : { begin: (work) => work.openAudit(path) }),
    },
  )
}
