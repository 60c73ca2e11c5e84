import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommandContext } from '../../src/cli/context.js'
import type { TransferEvent } from '../../src/events.js'
import type { ReviewNode } from '../../src/import/review/review.js'
import type { Audit } from '../../src/tui/means.js'
import { GENERATOR } from './bundles.js'
import { trustingFolder } from './bundles-commands.js'
import { VERIFIED_AT } from './clock.js'
import { CALL, tmpFolder } from './tmp.js'

/** What a command is given whose configuration folder trusts the exporter of the vectors. */
export async function auditContext(given: Partial<CommandContext> = {}): Promise<CommandContext> {
  return {
    ...{ signal: CALL.signal, emit: () => {}, now: () => VERIFIED_AT, createdAt: () => VERIFIED_AT },
    ...{ plainHttp: false, generator: GENERATOR },
    configDir: given.configDir ?? (await trustingFolder(join(await tmpFolder(), 'config'))),
    readFile: (path) => readFile(path),
    findPlugin: () => async () => undefined,
    print: () => {},
    ...given,
  }
}

/** What every piece of work is given that is not stopped or held. */
export function workGiven(events: TransferEvent[] = []) {
  return { emit: (event: TransferEvent) => events.push(event), signal: CALL.signal, ready: async () => {} }
}

/** Every node of an audit. */
export function allNodes({ review: { bundle, artifacts } }: Pick<Audit, 'review'>): readonly ReviewNode[] {
  const below = (node: ReviewNode): ReviewNode[] => [node, ...node.children.flatMap(below)]
  return [bundle, ...artifacts].flatMap(below)
}
