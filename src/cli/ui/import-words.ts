import { stat } from 'node:fs/promises'
import { errnoOf } from '../../content/file-bytes.js'
import { printable } from '../../encoding/printable.js'
import { shellWords } from '../../encoding/shell-words.js'
import { TransferError } from '../../errors.js'
import { parseDestination } from '../../import/names/names.js'
import type { ImportChoice, Means } from '../../tui/means.js'
import type { CommandContext } from '../context.js'
import type { ImportWords } from '../importing.js'
import { requireNewReceipt } from '../receipts.js'

/**
 * The command that does what was chosen on the screen.
 * @param words what the command line said beside it
 */
export function importCommand(context: CommonWords, words: Partial<ImportWords> = {}): Means['importCommand'] {
  return (choice, { keys }) => {
    const { path, to, receipt, countersign = false } = choice
    const signs = receipt !== undefined || countersign
    return shellWords([
      'waybill',
      'import',
      // Else it would be read as options.
      path.startsWith('-') ? `./${path}` : path,
      '--to',
      to,
      ...(signs && words.key === undefined && keys !== undefined ? ['--key', keys.key, '--cert', keys.chain] : []),
      ...(receipt === undefined ? [] : ['--receipt', receipt]),
      ...(countersign ? ['--countersign'] : []),
      ...optionsOf(words),
      ...commonOptions(context),
    ])
  }
}

/** What every command can be told. */
export type CommonWords = Pick<CommandContext, 'config' | 'plainHttp'>

export function commonOptions({ config, plainHttp }: CommonWords): readonly string[] {
  return [...(config === undefined ? [] : ['--config', config]), ...(plainHttp ? ['--plain-http'] : [])]
}

/** As they were read from the command line: its parser makes `signFormat` of `--sign-format`. */
export function optionsOf(words: object): readonly string[] {
  return Object.entries(words).flatMap(([name, value]) => {
    const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    if (typeof value === 'boolean') return value ? [option] : []
    return (Array.isArray(value) ? value : [value]).flatMap((one) => [option, String(one)])
  })
}

/** What is wrong with one field of an import, before anything is done; undefined where nothing is. */
export function checkImport(field: keyof ImportChoice, text: string): Promise<string | undefined> {
  return problemOf(CHECKS[field], text)
}

/** What a check throws about a text, in one sentence; undefined where it throws nothing. */
export async function problemOf(
  check: (text: string) => Promise<void> | void,
  text: string,
): Promise<string | undefined> {
  try {
    await check(text)
    return undefined
  } catch (cause) {
    if (cause instanceof TransferError) return printable(cause.message, 1000)
    throw cause
  }
}

const CHECKS: Readonly<Record<keyof ImportChoice, (text: string) => Promise<void> | void>> = {
  path: requireFile,
  to: (text) => void parseDestination(text),
  receipt: requireNewReceipt,
  countersign: () => {},
}

async function requireFile(path: string): Promise<void> {
  const told = { side: 'operator', subject: path } as const
  if (path === '') throw new TransferError('ERR_USAGE', 'choose a bundle first', told)
  const facts = await stat(path).catch((cause: unknown) => {
    const why = errnoOf(cause) === 'ENOENT' ? 'there is no such file' : `it cannot be read (${errnoOf(cause)})`
    throw new TransferError('ERR_MEDIUM', `${path}: ${why}`, { ...told, cause })
  })
  if (!facts.isFile()) throw new TransferError('ERR_MEDIUM', `${path} is no file; a bundle is one`, told)
}
