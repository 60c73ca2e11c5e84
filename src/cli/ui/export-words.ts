import { refuseExisting } from '../../bundle/partial-file.js'
import { shellWords } from '../../encoding/shell-words.js'
import { TransferError } from '../../errors.js'
import { parseSource } from '../../export/request.js'
import { parsePlatform } from '../../oci/platform.js'
import { isRegistryHost } from '../../oci/reference.js'
import type { ExportChoice, ExportField, Exporting, Machine } from '../../tui/means.js'
import { type ExportWords, requireBundleName } from '../exporting.js'
import { requireFolder } from '../new-file.js'
import { type CommonWords, commonOptions, optionsOf, problemOf } from './import-words.js'

/** What a command line says beside what is chosen on the screen. */
export type BesideExport = Omit<
  ExportWords,
  'output' | 'platform' | 'allowUnknownReferrers' | 'stream' | 'unsigned' | 'dryRun'
>

/**
 * A choice in the words of the command line. Who does not sign has no options about signatures: the command refuses both.
 * @param beside what the command line said
 */
export function exportWords(
  choice: ExportChoice,
  { keys }: Pick<Machine, 'keys'>,
  beside: BesideExport = {},
): ExportWords {
  const { output, platforms, stream, allowUnknownReferrers, sign: signs } = choice
  const { key, cert, sign, signFormat, expiry, metadata, timestampUrl, timestampRoot, ...rest } = beside
  const own = signs && key === undefined && keys !== undefined ? { key: keys.key, cert: keys.chain } : {}
  const given = { key, cert, sign, signFormat, expiry, metadata, timestampUrl, timestampRoot }
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return {
    output,
    ...(platforms.length === 0 ? {} : { platform: platforms }),
    ...(stream === undefined ? {} : { stream }),
    ...(allowUnknownReferrers ? { allowUnknownReferrers } : {}),
    ...(signs ? { ...said, ...own } : { unsigned: true }),
    ...rest,
  }
}

/** The command that does what was chosen on the screen. */
export function exportCommand(context: CommonWords, beside: BesideExport = {}): Exporting['command'] {
  return (choice, machine) =>
    shellWords([
      'waybill',
      'export',
      ...choice.sources,
      ...optionsOf(exportWords(choice, machine, beside)),
      ...commonOptions(context),
    ])
}

/** What is wrong with one field of an export, before anything is done; undefined where nothing is. */
export function checkExport(field: ExportField, text: string): Promise<string | undefined> {
  return problemOf(CHECKS[field], text)
}

const CHECKS: Readonly<Record<ExportField, (text: string) => Promise<void> | void>> = {
  source: (text) => void parseSource(text),
  registry: requireRegistry,
  output: requireNewBundle,
  platform: (text) => void parsePlatform(text),
}

function requireRegistry(text: string): void {
  if (isRegistryHost(text)) return
  const message = `not a registry: ${JSON.stringify(text.slice(0, 300))}; write HOST[:PORT]`
  throw new TransferError('ERR_REFERENCE_INVALID', message, { side: 'operator' })
}

async function requireNewBundle(path: string): Promise<void> {
  requireBundleName(path)
  await refuseExisting(path)
  await requireFolder(path)
}
