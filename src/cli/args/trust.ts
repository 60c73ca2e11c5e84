import { type Command, Option } from 'commander'
import { TRUST_STORE_TYPES, type TrustStoreType } from '../../trust/policy/trust-policy.js'
import { DEFAULT_STORE } from '../defaults.js'
import type { Start } from './options.js'

/** Keys to sign with. */
export function addKeys(program: Command, start: Start): void {
  const keys = program.command('keys').description('signing keys of an exporter')
  keys
    .command('init <dir>')
    .description('make a root certificate and a signing key below it')
    .option('--name <name>', 'who signs', 'waybill-exporter')
    .action((dir: string, options: { readonly name: string }) =>
      start(async (context) => (await import('../commands/keys.js')).keysInit(dir, options, context)),
    )
}

/** Whom to believe. */
export function addTrust(program: Command, start: Start): void {
  const trust = program.command('trust').description('whom this importer trusts')
  trust
    .command('add <cert>')
    .description('trust a root certificate')
    .option('--store <name>', 'the trust store', DEFAULT_STORE)
    .addOption(
      new Option('--type <type>', 'whom the root answers for: signers, signing authorities or timestamp authorities')
        .choices(TRUST_STORE_TYPES)
        .default('ca' satisfies TrustStoreType),
    )
    .option('--fingerprint <groups>', 'only if its SHA-256 begins like this: at least the first four groups of four')
    .action((cert: string, options: { store: string; type: TrustStoreType; fingerprint?: string }) =>
      start(async (context) => (await import('../commands/trust.js')).trustAdd(cert, options, context)),
    )
}
