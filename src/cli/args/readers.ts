import type { Command } from 'commander'
import { gather, policyFile, type Start, trusting } from './options.js'

/** What looks at bundles and signatures, and loads nothing. */
export function addReaders(program: Command, start: Start): void {
  program
    .command('inspect <file>')
    .description('print what a bundle claims, without verifying it')
    .action((file: string) =>
      start(async (context) => (await import('../commands/inspect.js')).inspectBundle(file, context)),
    )
  trusting(program.command('verify [file]'))
    .description('verify a bundle, an image layout or a signature file, offline')
    .addOption(policyFile())
    .option('--at <time>', 'the clock of an audit, RFC 3339; an import never takes it')
    .option('--review', 'of a bundle: print all of it as a tree, from artifacts over signatures and chains to verdicts')
    .option('--scope <repository>', 'HOST/NAME that stands for an image layout or a signature file in the trust policy')
    .option('--signature <file>', 'a Notary signature envelope; needs --subject')
    .option('--subject <file>', 'the descriptor (JSON) of what was signed')
    .option('--policy-name <name>', 'use this statement of trustpolicy.blob.json for the signature file')
    .option('--metadata <key=value>', 'refuse signatures that do not state this; can be repeated', gather)
    .option('--ui', 'walk through the bundle, or a receipt, on the screen')
    .action((file: string | undefined, options) =>
      start(async (context) =>
        options.ui === true
          ? (await import('../commands/audit.js')).auditOnScreen(file, options, context)
          : (await import('../commands/verify.js')).verifyCommand(file, options, context),
      ),
    )
}
