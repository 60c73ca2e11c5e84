import { type Command, Option } from 'commander'
import { gather, keyed, networked, type Start, signFormat, signing } from './options.js'

/** The way out. */
export function addExport(program: Command, start: Start): void {
  signing(keyed(networked(program.command('export [source...]'))))
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
    .option('--ui', 'choose, see what it comes to and watch it on the screen, with what else is given here')
    .action((sources: readonly string[], options) =>
      start(async (context) =>
        options.ui === true
          ? (await import('../commands/export-on-screen.js')).exportOnScreen(sources, options, context)
          : (await import('../commands/export.js')).exportBundle(sources, options, context),
      ),
    )
}

/** Beside an option of the same name commander would let the last one win, and forget the other without a word. */
function noEvidence(): Option {
  const option = new Option('--no-evidence', 'ask nobody about revocation')
  option.negate = false
  return option
}
