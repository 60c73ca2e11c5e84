import type { FirstSteps } from '../../tui/means.js'
import type { CommandContext } from '../context.js'

/** What a machine without configuration needs. */
export function firstSteps(_context: CommandContext): FirstSteps {
  const later = async () => {
    throw new Error('to be written')
  }
  const command = () => 'to be written'
  return {
    makeKeys: later,
    makeKeysCommand: command,
    readCertificate: later,
    trustExporter: later,
    trustExporterCommand: command,
    startRegistry: later,
    startRegistryCommand: command,
    makeSample: later,
    makeSampleCommand: command,
  }
}
