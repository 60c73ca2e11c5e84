import type { Command } from 'commander'
import type { Start } from './options.js'

/** A registry of our own, and a release of our own to try it with. */
export function addServe(program: Command, start: Start): void {
  program
    .command('serve')
    .description('serve a registry from a folder')
    .requiredOption('--store <dir>', 'the folder')
    .option('--listen <address>', 'HOST:PORT; port 0 picks a free one', '127.0.0.1:5000')
    .action((options: { readonly store: string; readonly listen: string }) =>
      start(async (context) => (await import('../commands/serve.js')).serve(options, context)),
    )
  program
    .command('sample <dir>')
    .description('make a small signed release to try everything with, and the certificate of its exporter')
    .action((dir: string) =>
      start(async (context) => (await import('../commands/sample.js')).writeSample(dir, context)),
    )
}
