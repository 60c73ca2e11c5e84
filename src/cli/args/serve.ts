import type { Command } from 'commander'
import type { Start } from './options.js'

/** A registry of our own. */
export function addServe(program: Command, start: Start): void {
  program
    .command('serve')
    .description('serve a registry from a folder')
    .requiredOption('--store <dir>', 'the folder')
    .option('--listen <address>', 'HOST:PORT; port 0 picks a free one', '127.0.0.1:5000')
    .action((options: { readonly store: string; readonly listen: string }) =>
      start(async (context) => (await import('../commands/serve.js')).serve(options, context)),
    )
}
