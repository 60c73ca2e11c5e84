import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TransferError } from '../../errors.js'
import { makeSigningKeys } from '../../trust/key/new-keys.js'
import type { CommandContext, ExitCode } from '../context.js'

/** `keys init DIR`: a root certificate and a signing key below it. Never writes over a file. */
export async function keysInit(
  dir: string,
  options: { readonly name: string },
  context: CommandContext,
): Promise<ExitCode> {
  const { paths, rootThumbprint } = await makeKeyFiles(dir, options.name, context)
  context.print(
    {
      schema: 'waybill.keys.v1',
      caCertificate: paths.ca,
      signingKey: paths.key,
      signingChain: paths.chain,
      rootThumbprint,
    },
    keysLines({ paths, rootThumbprint }),
  )
  return 0
}

/** Keys that have been made, and where they are. */
export interface MadeKeys {
  readonly paths: { readonly ca: string; readonly key: string; readonly chain: string }
  readonly rootThumbprint: string
}

/** Makes keys in a folder. @throws ERR_USAGE for a bad name, ERR_FILE_EXISTS, ERR_MEDIUM */
export async function makeKeyFiles(dir: string, name: string, { now }: Pick<CommandContext, 'now'>): Promise<MadeKeys> {
  const keys = await makeSigningKeys({ name, now: now() })
  const paths = { ca: join(dir, 'ca.crt'), key: join(dir, 'signing.key'), chain: join(dir, 'signing.crt') }
  await mkdir(dir, { recursive: true, mode: 0o700 }).catch(fault(dir))
  await writeNew([
    { path: paths.key, text: keys.signingKeyPem, mode: 0o600 },
    { path: paths.chain, text: keys.chainPem, mode: 0o644 },
    { path: paths.ca, text: keys.caCertPem, mode: 0o644 },
  ])
  return { paths, rootThumbprint: keys.rootThumbprint }
}

/** What has been made, and what to do with it. */
export function keysLines({ paths, rootThumbprint }: MadeKeys): readonly string[] {
  const pairs = rootThumbprint.toUpperCase().match(/../g)?.join(':') ?? ''
  return [
    `wrote ${paths.ca}, ${paths.key} and ${paths.chain}`,
    `SHA-256 fingerprint of the root: ${rootThumbprint}`,
    `                                 ${pairs}`,
    'Give ca.crt to the importer, and the fingerprint by another way; keep signing.key to yourself.',
  ]
}

/** All of the files, or none: a key without its chain is of no use to anybody. */
async function writeNew(
  files: readonly { readonly path: string; readonly text: string; readonly mode: number }[],
): Promise<void> {
  const written: string[] = []
  try {
    for (const { path, text, mode } of files) {
      await writeFile(path, text, { mode, flag: 'wx', flush: true }).catch(fault(path))
      written.push(path)
    }
  } catch (cause) {
    for (const path of written) await rm(path, { force: true })
    throw cause
  }
}

function fault(path: string): (cause: NodeJS.ErrnoException) => never {
  return (cause) => {
    const exists = cause.code === 'EEXIST'
    const message = exists ? `${path} exists already, and is left as it is` : `cannot write ${path}: ${cause.message}`
    throw new TransferError(exists ? 'ERR_FILE_EXISTS' : 'ERR_MEDIUM', message, {
      cause,
      side: 'operator',
      subject: path,
    })
  }
}
