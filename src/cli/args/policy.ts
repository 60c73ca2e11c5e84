import type { Command } from 'commander'
import { opaModule } from '../opa/arguments.js'
import { policyFile, type Start, trusting } from './options.js'

/** What is let in. */
export function addPolicy(program: Command, start: Start): void {
  const policy = program.command('policy').description('what this importer lets in')
  policy
    .command('init [file]')
    .description('write an import policy to start from')
    .action((file: string | undefined) =>
      start(async (context) => (await import('../commands/policy.js')).policyInit(file, context)),
    )
  trusting(policy.command('input <file>'))
    .description('print what a policy in Rego is given about a bundle, as one JSON document')
    .option('--to <target>', 'HOST[:PORT][/PREFIX]')
    .addOption(policyFile())
    .action((file: string, options) =>
      start(async (context) => (await import('../commands/policy-input.js')).printPolicyInput(file, options, context)),
    )
  opaModule(trusting(policy.command('check <bundle>')))
    .description('print what the import policy says of a bundle, and load nothing')
    .addOption(policyFile())
    .option('--to <target>', 'HOST[:PORT][/PREFIX], for the names that roots would get there')
    .action((bundle: string, options) =>
      start(async (context) => (await import('../commands/policy-check.js')).policyCheck(bundle, options, context)),
    )
}
