import type { Command } from 'commander'

/** Options by which a policy in Rego has the last word: in a file, so that it can be asked offline. */
export function opaModule(command: Command): Command {
  return command
    .option('--opa-wasm <file>', 'a policy in Rego has the last word: what `opa build -t wasm` has made')
    .option('--opa-entrypoint <rule>', 'the rule of it that is asked (default: waybill/allow)')
}

/** The same behind a server; only an import goes to a network for it. */
export function opaServer(command: Command): Command {
  return command
    .option('--opa-server <url>', 'a server of the Open Policy Agent has the last word')
    .option('--opa-path <rule>', 'the rule that it is asked for (default: waybill/allow)')
    .option('--opa-token-file <file>', 'a bearer token for it')
}
