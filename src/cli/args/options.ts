import { type Command, Option } from 'commander'
import type { CommandContext, ExitCode } from '../context.js'
import { DEFAULT_STORE } from '../defaults.js'

/** Runs a command when its words are understood. */
export type Start = (command: (context: CommandContext) => Promise<ExitCode>) => Promise<void>

/** Adds a value of an option that can be repeated. */
export function gather(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value]
}

/** For commands that speak to registries. */
export function networked(command: Command): Command {
  return command.option('--ca <file>', 'trust these certificate authorities (PEM) of registries, beside the system’s')
}

/** For commands that judge signatures. */
export function trusting(command: Command): Command {
  return command
    .option('--trust <dir>', 'trust policy and trust stores in notation’s own form (default: the configuration folder)')
    .option('--store <name>', `trust store of bundle signers; can be repeated (default: ${DEFAULT_STORE})`, gather)
    .option('--evidence <file>', 'a CRL or an OCSP response, or a folder of them; can be repeated', gather)
    .option(
      '--state <dir>',
      'what this importer remembers of streams (default: state in the configuration folder; import: or `registry`)',
    )
}

/** Where the import policy is. */
export function policyFile(): Option {
  return new Option('--policy <file>', 'the import policy (default: import-policy.yaml in the configuration folder)')
}

/** Where a key is, and its certificates. */
export function keyed(command: Command): Command {
  return command
    .option('--key <key>', 'the signing key: a file (PEM, PKCS#12), pkcs11:URI, plugin:NAME or notation:NAME')
    .option('--cert <file>', 'the signing certificate and its chain, leaf first (PEM)')
    .option('--key-id <id>', 'the plugin’s name for the key')
    .option('--plugin-config <name=value>', 'a setting for the plugin; can be repeated', gather)
    .option('--password-file <file>', 'the password of the key, or the PIN of the token')
}

/** Of which kind the signatures are that are made beside the rest. */
export function signFormat(): Option {
  return new Option('--sign-format <format>', 'of the signatures that are made (default: jws)').choices(['jws', 'cose'])
}

/** What a signature says, and who vouches for its time. */
export function signing(command: Command): Command {
  return command
    .option('--expiry <duration>', 'the signature counts no longer than this: 30d, 12h')
    .option('--metadata <key=value>', 'what the signer states; can be repeated', gather)
    .option('--timestamp-url <url>', 'have it timestamped by this authority (RFC 3161)')
    .option('--timestamp-root <file>', 'the root certificate of the authority')
}
