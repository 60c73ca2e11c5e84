import { TransferError } from '../../errors.js'
import type { ImportPolicy, OpaRule } from '../../policy/import-policy.js'
import { DEFAULT_RULE } from '../../policy/opa-rule.js'

/** What the command line says about a policy in Rego that is compiled to WebAssembly. */
export interface OpaModuleWords {
  readonly opaWasm?: string
  readonly opaEntrypoint?: string
}

/** What the command line says about a server of the Open Policy Agent. */
export interface OpaServerWords {
  readonly opaServer?: string
  readonly opaPath?: string
  readonly opaTokenFile?: string
}

export type OpaWords = OpaModuleWords & OpaServerWords

/**
 * Who has the last word, by the command line or else by the import policy; undefined where nobody has.
 * @throws ERR_USAGE where two are named: one of them would not be heard
 */
export function opaRule(words: OpaWords, policy: Pick<ImportPolicy, 'path' | 'opa'> | undefined): OpaRule | undefined {
  const { opaWasm, opaEntrypoint, opaServer, opaPath, opaTokenFile } = words
  if (opaWasm === '' || opaServer === '') throw usage('an option about the Open Policy Agent is empty')
  if (opaWasm === undefined && opaEntrypoint !== undefined) throw usage('--opa-entrypoint needs --opa-wasm')
  const aboutServer = opaPath ?? opaTokenFile
  if (opaServer === undefined && aboutServer !== undefined)
    throw usage('--opa-path and --opa-token-file need --opa-server')
  if (opaWasm !== undefined && opaServer !== undefined)
    throw usage('give --opa-wasm or --opa-server: one has the last word')
  const said = saidRule(words)
  if (policy?.opa === undefined) return said
  if (said === undefined) return policy.opa
  throw usage(`${policy.path} says already who has the last word; leave the options about OPA out, or the member opa`)
}

function saidRule({ opaWasm, opaEntrypoint, opaServer, opaPath, opaTokenFile }: OpaWords): OpaRule | undefined {
  if (opaWasm !== undefined) return { by: 'wasm', path: opaWasm, entrypoint: opaEntrypoint ?? DEFAULT_RULE }
  if (opaServer === undefined) return undefined
  const token = opaTokenFile === undefined ? {} : { tokenFile: opaTokenFile }
  return { by: 'server', url: opaServer, path: opaPath ?? DEFAULT_RULE, ...token }
}

function usage(message: string): TransferError {
  return new TransferError('ERR_USAGE', message, { side: 'operator' })
}
