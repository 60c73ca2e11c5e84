import type { Command } from 'commander'
import { opaModule, opaServer } from '../opa/arguments.js'
import { keyed, networked, policyFile, type Start, signFormat, signing, trusting } from './options.js'

/** The way in. */
export function addImport(program: Command, start: Start): void {
  opaServer(opaModule(signing(keyed(trusting(networked(program.command('import [file]')))))))
    .description('verify a bundle, then load it into a registry')
    .option('--to <target>', 'HOST[:PORT][/PREFIX]')
    .addOption(policyFile())
    .option('--require-chain', 'refuse a bundle that does not follow the last one of its stream')
    .option('--require-state', 'with --state registry: refuse a stream of which nothing is remembered yet')
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
    .option('--ui', 'review it and watch it on the screen, with what else is given here')
    .action((file: string | undefined, options) =>
      start(async (context) =>
        options.ui === true
          ? (await import('../commands/import-on-screen.js')).importOnScreen(file, options, context)
          : (await import('../commands/import.js')).importBundle(file, options, context),
      ),
    )
}
