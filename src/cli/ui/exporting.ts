import { printable } from '../../encoding/printable.js'
import { shellWords } from '../../encoding/shell-words.js'
import { parseReference } from '../../oci/reference.js'
import type { Registry } from '../../registry/client.js'
import type { ExportChoice, Exporting, WorkEnd } from '../../tui/means.js'
import { endOfFault } from '../../tui/work.js'
import { connect } from '../compose.js'
import type { CommandContext, NetworkOptions } from '../context.js'
import { type Exported, performExport } from '../exporting.js'
import { exportLines } from '../render/export.js'
import { estimateOf } from './estimate.js'
import { type BesideExport, checkExport, exportCommand, exportWords } from './export-words.js'
import { machineOf } from './machine.js'

/**
 * An export with a person in it: the composition of the command, beside browsing and an estimate.
 * @param beside what the command line said beside what is chosen on the screen
 */
export function exportingMeans(context: CommandContext, beside: BesideExport = {}): Exporting {
  const command = exportCommand(context, beside)
  return {
    check: checkExport,
    command,
    repositories: (registry, { signal }) =>
      browsing(beside, context, (client) => collected(client.repositories(registry, { signal }))),
    tags: (text, { signal }) =>
      browsing(beside, context, (client) =>
        collected(client.repository(parseReference(text).repository).listTags({ signal })),
      ),
    estimate: async (choice, { emit, signal }) => {
      const words = exportWords({ ...choice, allowUnknownReferrers: true }, await machineOf(context), beside)
      const asked = { context: { ...context, emit, signal }, hooks: { asksAboutRevocation: false } }
      const { plan } = await performExport(choice.sources, { ...words, dryRun: true }, asked)
      return await estimateOf(plan, { signal })
    },
    exportBundle: async (choice, { emit, signal, ready }) => {
      const machine = await machineOf(context)
      const words = exportWords(choice, machine, beside)
      const asked = { context: { ...context, emit, signal }, hooks: { ready } }
      const same = command(choice, machine)
      return await performExport(choice.sources, words, asked).then(
        (exported) => exportEnd(exported, { choice, command: same }),
        (cause: unknown) => ({ ...endOfFault(cause), command: same }),
      )
    },
  }
}

/** Asks registries from which something may be exported; what they say in passing is about nothing that is under way. */
async function browsing<T>(
  words: NetworkOptions,
  { plainHttp }: CommandContext,
  ask: (client: Registry) => Promise<T>,
): Promise<T> {
  const connections = connect(words, { plainHttp, emit: () => {} })
  try {
    return await ask(await connections.browse())
  } finally {
    await connections.close()
  }
}

async function collected(names: AsyncIterable<string>): Promise<readonly string[]> {
  const found = new Set<string>()
  for await (const name of names) found.add(name)
  return [...found]
}

/** The facts that the command prints, as the end of a piece of work. */
function exportEnd(exported: Exported, { choice, command }: EndGiven): WorkEnd {
  const lines = exportLines(exported).map((line) => printable(line, MAX_LINE))
  const load = shellWords(['waybill', 'import', choice.output, '--to', 'HOST'])
  const carry = `carry ${printable(choice.output, 500)} to the other side; ${printable(load, 500)} loads it there`
  return {
    exit: 0,
    headline: lines[0] ?? '',
    good: true,
    lines,
    next: choice.sign ? [carry] : ['nobody has signed it: an importer takes it only where that is allowed', carry],
    command,
  }
}

// No line of claims is cut: names in them have bounds of their own.
const MAX_LINE = 5_000

interface EndGiven {
  readonly choice: ExportChoice
  readonly command: string
}
