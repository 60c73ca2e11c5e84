import type { HeldContent } from '../../src/bundle/base.js'
import { assumed } from '../../src/export/assume.js'
import type { Decision } from '../../src/import/decide.js'
import { type BaseFindings, findBase } from '../../src/import/target/base.js'
import { type LoadReport, load } from '../../src/import/target/load.js'
import { anImage, type Built } from './build.js'
import { aBundle, type ExportSpec, opened, verification } from './bundles.js'
import type { Target } from './bundles-target.js'
import { decided } from './decided.js'
import { CALL } from './tmp.js'

export const TARGET = { registry: 'target.example' }

/** Two images that share all layers but the last. */
export function twoVersions(size = 2000, next = '1.0'): { readonly first: Built; readonly second: Built } {
  const shared = [layer('one', size), layer('two', size)]
  return {
    first: anImage({ layers: [...shared, layer('old', size)] }).tagged('1.0'),
    second: anImage({ layers: [...shared, layer('new', size)] }).tagged(next),
  }
}

function layer(seed: string, size: number): Uint8Array {
  return Buffer.alloc(size, seed)
}

/** What the far side has where this bundle has arrived. */
export async function arrived(path: string): Promise<HeldContent> {
  return assumed(await opened(path))
}

/** What it has acknowledged. */
export async function acknowledged(path: string, target = 'target.example'): Promise<HeldContent> {
  const { base, digests } = await arrived(path)
  const { waybill, repositories } = base
  return { base: { kind: 'acknowledged', receipt: waybill, waybill, repositories, target }, digests }
}

/** A bundle that builds on these. */
export async function anIncrement(
  built: Built,
  held: readonly HeldContent[],
  spec: Partial<ExportSpec> = {},
): Promise<string> {
  return await aBundle(built, { ...spec, held })
}

/** Verified, decided and asked for at a target. */
export async function foundAt(
  path: string,
  target: Target,
): Promise<{ readonly decision: Decision; readonly found: BaseFindings }> {
  const decision = decided(await verification(await opened(path)), TARGET)
  return { decision, found: await findBase(decision, asking(target)) }
}

function asking(target: Target) {
  return { ...CALL, destination: TARGET, open: target.open, emit: () => {}, concurrency: 4 }
}

/** Loads what is missing or not, as an import would whose base check has passed. */
export async function loadedAt(path: string, target: Target): Promise<LoadReport> {
  const { decision, found } = await foundAt(path, target)
  return await load(decision, { ...asking(target), base: found.places })
}
