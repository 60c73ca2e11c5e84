import type { Means } from '../../tui/means.js'
import type { CommandContext } from '../context.js'
import { readVersion } from '../version.js'
import { openAudit } from './audit.js'
import { exportingMeans } from './exporting.js'
import type { StartedSteps } from './first-steps.js'
import { listFolder } from './folder-list.js'
import { checkImport, importCommand } from './import-words.js'
import { importFor } from './importing.js'
import { machineOf } from './machine.js'

/** What the screens can have done, composed as the commands are. */
export function screenMeans(context: CommandContext, steps: StartedSteps): Means {
  return {
    version: readVersion(),
    now: () => performance.now(),
    today: context.now,
    machine: () => machineOf(context, { registry: steps.registry() }),
    list: listFolder,
    checkImport,
    importCommand: importCommand(context),
    importBundle: importFor(context),
    exporting: exportingMeans(context),
    openAudit: openAudit(context),
    firstSteps: steps,
  }
}
