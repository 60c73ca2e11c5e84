import type { ExportChoice, ImportChoice } from './means.js'

/** What a person has filled in before, by the kind of work: nobody types twice what was right. */
export interface Filled {
  readonly import?: Partial<ImportChoice>
  readonly export?: Partial<ExportChoice>
}

/** What of it is filled in again when work of a kind was done: the next bundle is another one. Pure. */
export function afterDone(filled: Filled, kind: keyof Filled | 'audit' | 'none'): Filled {
  if (kind === 'import') return { ...filled, import: without(filled.import ?? {}, ['path', 'receipt']) }
  if (kind === 'export') return { ...filled, export: without(filled.export ?? {}, ['output']) }
  return filled
}

function without<T extends object, K extends keyof T>(all: T, names: readonly K[]): Omit<T, K> {
  const left = { ...all }
  for (const name of names) delete left[name]
  return left
}
