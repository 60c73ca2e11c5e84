import { type Command, Option } from 'commander'
import { gather, keyed, networked, type Start, signing } from './options.js'

/** Signatures on images and artifacts. */
export function addSign(program: Command, start: Start): void {
  const command = networked(program.command('sign [target]'))
    .description('sign an image or artifact, and hang the signature on it')
    .option('--descriptor <file>', 'sign what this descriptor (JSON) describes, in place of a target')
    .option('--media-type <type>', 'of a manifest file that does not say its own')
    .addOption(new Option('--format <format>', 'of the signature').choices(['jws', 'cose', 'nv2']).default('jws'))
    .option('--reference <name>', 'a full name to claim, with --format nv2; can be repeated', gather)
    .option('--output <file>', 'write the signature to this file, and hang it nowhere')
  signing(keyed(command)).action((target: string | undefined, options) =>
    start(async (context) => (await import('../commands/sign.js')).signTarget(target, options, context)),
  )
}

/** What is signed before it is in any registry. */
export function addManifest(program: Command, start: Start): void {
  program
    .command('manifest <archive>')
    .description('print the manifest that an image of an archive will have in a registry')
    .option('--name <name>', 'which image, where there are several')
    .option('--descriptor', 'print the media type, digest and size of the manifest instead, as `sign` takes them')
    .option('--output <file>', 'write to a file')
    .action((archive: string, options) =>
      start(async (context) => (await import('../commands/manifest.js')).printManifest(archive, options, context)),
    )
}
