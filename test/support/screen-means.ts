import { TransferError } from '../../src/errors.js'
import type { Means, ReadsDocuments } from '../../src/tui/means.js'

/** The word of means that a test does not need: whoever uses them finds out. */
async function absent(): Promise<never> {
  throw new TransferError('ERR_BUG', 'this test has no means for that')
}

/** Of a review in which there is nothing to be read. */
export const NO_DOCUMENTS: ReadsDocuments = { read: absent }

/** What screens can have done in a test: nothing, but for what the test hands in. */
export function meansWith(given: Partial<Means>): Means {
  return {
    version: '0.0.0-test',
    now: () => performance.now(),
    today: () => new Date('2026-03-01T12:00:00Z'),
    machine: async () => ({ configDir: '/home/ada/.config/waybill', trusted: 1, folder: '/media/usb' }),
    list: async () => [],
    checkImport: async () => undefined,
    importCommand: ({ path, to }) => `waybill import ${path} --to ${to}`,
    importBundle: absent,
    exporting: {
      check: async () => undefined,
      command: ({ sources, output }) => `waybill export ${sources.join(' ')} --output ${output}`,
      repositories: absent,
      tags: absent,
      estimate: absent,
      exportBundle: absent,
    },
    openAudit: absent,
    firstSteps: {
      makeKeys: absent,
      makeKeysCommand: () => '',
      readCertificate: absent,
      trustExporter: absent,
      trustExporterCommand: () => '',
      startRegistry: absent,
      startRegistryCommand: () => '',
      makeSample: absent,
      makeSampleCommand: () => '',
    },
    ...given,
  }
}
