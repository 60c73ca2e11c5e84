import type { ExportChoice } from '../../means.js'

/** Where a person is: what is carried, how it is found, and what else is asked. */
export type ExportView = 'sources' | 'type' | 'registry' | 'repositories' | 'tags' | 'options' | 'platforms'

export type ExportField = 'platforms' | 'referrers' | 'stream' | 'sign' | 'output' | 'start'

/** What a person has filled in so far. */
export interface ExportForm {
  readonly view: ExportView
  /** in the order in which they were chosen, each once */
  readonly sources: readonly string[]
  /** what is being browsed */
  readonly registry: string
  /** `HOST/NAME` */
  readonly repository: string
  /** empty: all */
  readonly platforms: readonly string[]
  readonly unknownReferrers: boolean
  readonly stream: string
  readonly sign: boolean
  readonly output: string
  /** the field of the options that has the keys */
  readonly at: ExportField
  /** whether this machine has a key to sign with */
  readonly keys: boolean
  /** what is wrong with what was typed last, printable */
  readonly problem?: string | undefined
}

export type ExportAction =
  | { readonly type: 'went'; readonly view: ExportView }
  | { readonly type: 'back' }
  | { readonly type: 'browsed'; readonly registry: string }
  | { readonly type: 'opened'; readonly repository: string }
  | { readonly type: 'source'; readonly name: string; readonly on: boolean }
  | { readonly type: 'platform'; readonly name: string; readonly on: boolean }
  | { readonly type: 'typed'; readonly field: 'stream' | 'output'; readonly text: string }
  | { readonly type: 'toggled'; readonly field: 'referrers' | 'sign' }
  | { readonly type: 'moved'; readonly by: 1 | -1 }
  | { readonly type: 'problem'; readonly text: string | undefined }

/** An empty form, or one with what the command line gave. A key that is there is used unless somebody says no. */
export function exportForm({ keys, ...start }: Partial<ExportChoice> & { readonly keys: boolean }): ExportForm {
  return {
    view: 'sources',
    sources: start.sources ?? [],
    registry: '',
    repository: '',
    platforms: start.platforms ?? [],
    unknownReferrers: start.allowUnknownReferrers ?? false,
    stream: start.stream ?? '',
    sign: start.sign ?? keys,
    output: start.output ?? '',
    at: 'output',
    keys,
  }
}

/** One step back, the way that one came. */
const BACK: Readonly<Record<ExportView, ExportView>> = {
  sources: 'sources',
  type: 'sources',
  registry: 'sources',
  repositories: 'registry',
  tags: 'repositories',
  options: 'sources',
  platforms: 'options',
}

/** The form after one thing more. Pure. */
export function filledIn({ problem: _, ...form }: ExportForm, action: ExportAction): ExportForm {
  switch (action.type) {
    case 'went':
      return { ...form, view: action.view }
    case 'back':
      return { ...form, view: BACK[form.view] }
    case 'browsed':
      return { ...form, registry: action.registry, view: 'repositories' }
    case 'opened':
      return { ...form, repository: action.repository, view: 'tags' }
    case 'source':
      return { ...form, sources: switched(form.sources, action) }
    case 'platform':
      return { ...form, platforms: switched(form.platforms, action) }
    case 'typed':
      return { ...form, [action.field]: action.text }
    case 'toggled':
      return action.field === 'sign'
        ? { ...form, sign: !form.sign }
        : { ...form, unknownReferrers: !form.unknownReferrers }
    case 'moved': {
      const fields = fieldsOf(form)
      const at = fields.indexOf(form.at) + action.by
      return { ...form, at: fields[Math.max(0, Math.min(at, fields.length - 1))] ?? 'start' }
    }
    case 'problem':
      return { ...form, problem: action.text }
  }
}

/** The fields of the options, from above to below. */
export function fieldsOf({ keys }: Pick<ExportForm, 'keys'>): readonly ExportField[] {
  return ['platforms', 'referrers', 'stream', ...(keys ? (['sign'] as const) : []), 'output', 'start']
}

/** What the form asks for. */
export function choiceOf(form: Omit<ExportForm, 'view' | 'at'>): ExportChoice {
  const { sources, platforms, output, unknownReferrers, stream, sign, keys } = form
  return {
    sources,
    platforms,
    output,
    allowUnknownReferrers: unknownReferrers,
    sign: sign && keys,
    ...(stream === '' ? {} : { stream }),
  }
}

/** Newest first, as far as names of versions tell. */
export function newestFirst(tags: readonly string[]): readonly string[] {
  return tags.toSorted((one, other) => other.localeCompare(one, 'en', { numeric: true }))
}

function switched(
  names: readonly string[],
  { name, on }: { readonly name: string; readonly on: boolean },
): readonly string[] {
  const others = names.filter((one) => one !== name)
  return on ? [...others, name] : others
}
