import { Command, CommanderError, Option } from 'commander'
import { TransferError } from '../errors.js'
import { TRUST_STORE_TYPES, type TrustStoreType } from '../trust/policy/trust-policy.js'
import { addReceipt } from './args-receipt.js'
import type { CommandContext, CommonOptions, ExitCode } from './context.js'
import { DEFAULT_STORE } from './defaults.js'
import { opaModule, opaServer } from './opa/arguments.js'

/** Runs a command with the common options turned into a context. */
export type Run = (options: CommonOptions, command: UseContext) => Promise<void>

type UseContext = (context: CommandContext) => Promise<ExitCode>
type Start = (command: UseContext) => Promise<void>

export interface ProgramOptions {
  readonly version: string
  readonly run: Run
  readonly write: (text: string) => void
}

/** The command line. Each command's module is loaded when it is asked for: `verify` never loads an HTTP client. */
export function buildProgram({ version, run, write }: ProgramOptions): Command {
  const program = new Command('waybill')
    .description('Carries container content across an air gap, and proves on the far side what arrived.')
    .version(version, '--version', 'print the version')
    .option('--json', 'print one JSON document on stdout')
    .addOption(new Option('--events <form>', 'print events on stderr').choices(['ndjson', 'lines', 'none']))
    .option('--config <dir>', 'the configuration folder (default: $WAYBILL_CONFIG, then ~/.config/waybill)')
    .option('--plain-http', 'speak HTTP to registries (implied for loopback names)')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(see waybill --help)')
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: () => {} })
  // What holds for every command can stand before it or after it.
  const start: Start = (command) => run(program.opts(), command)
  addKeys(program, start)
  addTrust(program, start)
  addServe(program, start)
  addExport(program, start)
  addSign(program, start)
  addManifest(program, start)
  addReaders(program, start)
  addReceipt(program, start)
  addPolicy(program, start)
  return program
}

/** A mistake on the command line as the program's own error; undefined where help or the version was asked for. */
export function usageError(cause: unknown): TransferError | undefined {
  if (!(cause instanceof CommanderError) || cause.exitCode === 0) return undefined
  if (cause.code === 'commander.help')
    return new TransferError('ERR_USAGE', 'no command is given', { side: 'operator' })
  return new TransferError('ERR_USAGE', cause.message.replace(/^error: /, ''), { side: 'operator' })
}

/** The form of events that a command line asks for, whatever else is wrong with it; the last one counts. */
export function eventsAskedFor(argv: readonly string[]): string | undefined {
  return argv
    .map((word, at) => (word === '--events' ? argv[at + 1] : /^--events=(.*)$/s.exec(word)?.[1]))
    .findLast((form) => form !== undefined)
}

function networked(command: Command): Command {
  return command.option('--ca <file>', 'trust these certificate authorities (PEM) of registries, beside the system’s')
}

function trusting(command: Command): Command {
  return command
    .option('--trust <dir>', 'trust policy and trust stores in notation’s own form (default: the configuration folder)')
    .option('--store <name>', `trust store of bundle signers; can be repeated (default: ${DEFAULT_STORE})`, gather)
    .option('--evidence <file>', 'a CRL or an OCSP response, or a folder of them; can be repeated', gather)
    .option(
      '--state <dir>',
      'what this importer remembers of streams (default: state in the configuration folder; import: or `registry`)',
    )
}

function addKeys(program: Command, start: Start): void {
  const keys = program.command('keys').description('signing keys of an exporter')
  keys
    .command('init <dir>')
    .description('make a root certificate and a signing key below it')
    .option('--name <name>', 'who signs', 'waybill-exporter')
    .action((dir: string, options: { readonly name: string }) =>
      start(async (context) => (await import('./commands/keys.js')).keysInit(dir, options, context)),
    )
}

function addTrust(program: Command, start: Start): void {
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
    .action((cert: string, options: { readonly store: string; readonly type: TrustStoreType }) =>
      start(async (context) => (await import('./commands/trust.js')).trustAdd(cert, options, context)),
    )
}

function addPolicy(program: Command, start: Start): void {
  const policy = program.command('policy').description('what this importer lets in')
  policy
    .command('init [file]')
    .description('write an import policy to start from')
    .action((file: string | undefined) =>
      start(async (context) => (await import('./commands/policy.js')).policyInit(file, context)),
    )
  trusting(policy.command('input <file>'))
    .description('print what a policy in Rego is given about a bundle, as one JSON document')
    .option('--to <target>', 'HOST[:PORT][/PREFIX]')
    .addOption(policyFile())
    .action((file: string, options) =>
      start(async (context) => (await import('./commands/policy-input.js')).printPolicyInput(file, options, context)),
    )
  opaModule(trusting(policy.command('check <bundle>')))
    .description('print what the import policy says of a bundle, and load nothing')
    .addOption(policyFile())
    .option('--to <target>', 'HOST[:PORT][/PREFIX], for the names that roots would get there')
    .action((bundle: string, options) =>
      start(async (context) => (await import('./commands/policy-check.js')).policyCheck(bundle, options, context)),
    )
}

function policyFile(): Option {
  return new Option('--policy <file>', 'the import policy (default: import-policy.yaml in the configuration folder)')
}

function addServe(program: Command, start: Start): void {
  program
    .command('serve')
    .description('serve a registry from a folder')
    .requiredOption('--store <dir>', 'the folder')
    .option('--listen <address>', 'HOST:PORT; port 0 picks a free one', '127.0.0.1:5000')
    .action((options: { readonly store: string; readonly listen: string }) =>
      start(async (context) => (await import('./commands/serve.js')).serve(options, context)),
    )
}

function addExport(program: Command, start: Start): void {
  signing(keyed(networked(program.command('export <source...>'))))
    .description('write a bundle of images and everything that hangs on them')
    .option('--output <file>', 'the bundle')
    .option('--unsigned', 'make a bundle that nobody answers for')
    .option('--sign', 'sign each source with the same key, and carry these signatures too')
    .addOption(signFormat())
    .option('--stream <name>', 'the stream that the bundle belongs to, such as acme/nightly')
    .option('--sequence <n>', 'its number there (default: one more than the last)')
    .option('--previous <bundle>', 'the bundle before it, a file or a digest (default: the last one)')
    .option('--expires <duration>', 'the bundle must not be imported after this: 30d, 12h')
    .option('--base <receipt>', 'leave out what the far side has acknowledged with this; can be repeated', gather)
    .option(
      '--assume <bundle>',
      'an earlier bundle, a file or a digest, that is assumed to have arrived; can be repeated',
      gather,
    )
    .option('--platform <os/arch>', 'only this platform of an index; can be repeated', gather)
    .option('--nv2 <source>', 'a signature of the 2020 prototype (a manifest around a JWT); can be repeated', gather)
    .option('--dry-run', 'print the plan, and write nothing')
    .option('--allow-unknown-referrers', 'go on where a registry cannot say which signatures there are')
    .option('--evidence <path>', 'a CRL or OCSP response, or a folder of them, used first; can be repeated', gather)
    .option('--evidence-url <from=to>', 'ask TO (an address, or file:PATH) where a certificate says FROM', gather)
    .option('--evidence-proxy <url>', 'ask through this proxy (default: $HTTP_PROXY, $HTTPS_PROXY, $NO_PROXY)')
    .addOption(noEvidence())
    .option('--require-evidence', 'fail where there is no answer about the revocation of a certificate')
    .action((sources: readonly string[], options) =>
      start(async (context) => (await import('./commands/export.js')).exportBundle(sources, options, context)),
    )
}

function addSign(program: Command, start: Start): void {
  const command = networked(program.command('sign [target]'))
    .description('sign an image or artifact, and hang the signature on it')
    .option('--descriptor <file>', 'sign what this descriptor (JSON) describes, in place of a target')
    .option('--media-type <type>', 'of a manifest file that does not say its own')
    .addOption(new Option('--format <format>', 'of the signature').choices(['jws', 'cose', 'nv2']).default('jws'))
    .option('--reference <name>', 'a full name to claim, with --format nv2; can be repeated', gather)
    .option('--output <file>', 'write the signature to this file, and hang it nowhere')
  signing(keyed(command)).action((target: string | undefined, options) =>
    start(async (context) => (await import('./commands/sign.js')).signTarget(target, options, context)),
  )
}

/** Where a key is, and its certificates. */
function keyed(command: Command): Command {
  return command
    .option('--key <key>', 'the signing key: a file (PEM, PKCS#12), pkcs11:URI, plugin:NAME or notation:NAME')
    .option('--cert <file>', 'the signing certificate and its chain, leaf first (PEM)')
    .option('--key-id <id>', 'the plugin’s name for the key')
    .option('--plugin-config <name=value>', 'a setting for the plugin; can be repeated', gather)
    .option('--password-file <file>', 'the password of the key, or the PIN of the token')
}

function signFormat(): Option {
  return new Option('--sign-format <format>', 'of the signatures that are made (default: jws)').choices(['jws', 'cose'])
}

/** What a signature says, and who vouches for its time. */
function signing(command: Command): Command {
  return command
    .option('--expiry <duration>', 'the signature counts no longer than this: 30d, 12h')
    .option('--metadata <key=value>', 'what the signer states; can be repeated', gather)
    .option('--timestamp-url <url>', 'have it timestamped by this authority (RFC 3161)')
    .option('--timestamp-root <file>', 'the root certificate of the authority')
}

/** Beside an option of the same name commander would let the last one win, and forget the other without a word. */
function noEvidence(): Option {
  const option = new Option('--no-evidence', 'ask nobody about revocation')
  option.negate = false
  return option
}

function addManifest(program: Command, start: Start): void {
  program
    .command('manifest <archive>')
    .description('print the manifest that an image of an archive will have in a registry')
    .option('--name <name>', 'which image, where there are several')
    .option('--descriptor', 'print the media type, digest and size of the manifest instead, as `sign` takes them')
    .option('--output <file>', 'write to a file')
    .action((archive: string, options) =>
      start(async (context) => (await import('./commands/manifest.js')).printManifest(archive, options, context)),
    )
}

function addReaders(program: Command, start: Start): void {
  program
    .command('inspect <file>')
    .description('print what a bundle claims, without verifying it')
    .action((file: string) =>
      start(async (context) => (await import('./commands/inspect.js')).inspectBundle(file, context)),
    )
  trusting(program.command('verify [file]'))
    .description('verify a bundle, an image layout or a signature file, offline')
    .addOption(policyFile())
    .option('--at <time>', 'the clock of an audit, RFC 3339; an import never takes it')
    .option('--scope <repository>', 'HOST/NAME that stands for an image layout or a signature file in the trust policy')
    .option('--signature <file>', 'a Notary signature envelope; needs --subject')
    .option('--subject <file>', 'the descriptor (JSON) of what was signed')
    .option('--policy-name <name>', 'use this statement of trustpolicy.blob.json for the signature file')
    .option('--metadata <key=value>', 'refuse signatures that do not state this; can be repeated', gather)
    .action((file: string | undefined, options) =>
      start(async (context) => (await import('./commands/verify.js')).verifyCommand(file, options, context)),
    )
  opaServer(opaModule(signing(keyed(trusting(networked(program.command('import <file>')))))))
    .description('verify a bundle, then load it into a registry')
    .requiredOption('--to <target>', 'HOST[:PORT][/PREFIX]')
    .addOption(policyFile())
    .option('--require-chain', 'refuse a bundle that does not follow the last one of its stream')
    .option('--require-state', 'with --state registry: refuse to begin where nothing is remembered yet')
    .option('--new-state <reason>', 'with --state registry: begin anew where the state is gone; the reason is kept')
    .option('--allow-rollback <reason>', 'go back to an older bundle this once; the reason is kept')
    .option('--journal <dir>', 'where imports are written down step by step (default: journal beside the state)')
    .option('--recheck', 'ask the target for everything again, also where all of it was loaded before')
    .option('--dry-run', 'look at the target and print what would be done, and write nothing')
    .option('--receipt <file>', 'write the signed receipt to this file, also where the bundle is refused; needs --key')
    .option('--qr', 'print the compact receipt as a QR code; needs --key')
    .option('--records <name>', 'the repository at the target for this importer’s records (default: [PREFIX/]waybill)')
    .option('--countersign', 'sign what is loaded with this side’s key, before it gets its names')
    .addOption(signFormat())
    .action((file: string, options) =>
      start(async (context) => (await import('./commands/import.js')).importBundle(file, options, context)),
    )
}

function gather(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value]
}
