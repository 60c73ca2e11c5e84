import { fileURLToPath } from 'node:url'
import type { OutputName, OutputOf } from '../../../src/cli/output.js'
import type { Ran, RunOptions } from './tool.js'
import type { Workspace } from './workspace.js'

/** The program as `npm run build` makes it. */
export const WAYBILL = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))

export function waybill(space: Workspace, args: readonly string[], options?: RunOptions): Ran {
  return space.run(process.execPath, [WAYBILL, ...args], options)
}

/** Runs a command that has to succeed and gives its JSON document. */
export function waybillJson<Name extends OutputName>(
  space: Workspace,
  schema: Name,
  args: readonly string[],
): OutputOf<Name> {
  const { status, stdout, stderr } = waybill(space, [...args, '--json'])
  if (status !== 0) throw new Error(`waybill ${args.join(' ')}\nended with ${status}: ${stderr}${stdout.toString()}`)
  const document = JSON.parse(stdout.toString()) as OutputOf<Name>
  if (document.schema !== schema) throw new Error(`not ${schema}: ${stdout.toString()}`)
  return document
}

export interface SigningFiles {
  readonly ca: string
  readonly signer: readonly ['--key', string, '--cert', string]
}

/** Keys that `waybill keys init` makes, trusted by the importer of this workspace. */
export function initKeys(space: Workspace): SigningFiles {
  const made = waybillJson(space, 'waybill.keys.v1', ['keys', 'init', space.path('keys')])
  waybillJson(space, 'waybill.trust.v1', ['trust', 'add', made.caCertificate])
  return { ca: made.caCertificate, signer: ['--key', made.signingKey, '--cert', made.signingChain] }
}
