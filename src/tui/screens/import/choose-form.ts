import type { ImportChoice } from '../../means.js'

export type ChooseField = 'path' | 'to' | 'receipt' | 'countersign' | 'start'

/** What a person has filled in so far. */
export interface ChooseForm {
  readonly path: string
  readonly to: string
  /** empty: no receipt */
  readonly receipt: string
  readonly countersign: boolean
  /** the field that has the keys */
  readonly at: ChooseField
  /** whether the importer's key is known: without it there is no receipt, and no countersignature */
  readonly keys: boolean
  /** what is wrong with a field, printable */
  readonly problems: Readonly<Partial<Record<ChooseField, string>>>
}

export type ChooseAction =
  | { readonly type: 'chosen'; readonly path: string }
  | { readonly type: 'typed'; readonly field: 'to' | 'receipt'; readonly text: string }
  | { readonly type: 'toggled' }
  | { readonly type: 'went'; readonly by: 1 | -1 }
  | { readonly type: 'went-to'; readonly field: ChooseField }
  | { readonly type: 'checked'; readonly field: ChooseField; readonly problem: string | undefined }

export interface ChooseStart extends Partial<ImportChoice> {
  readonly keys: boolean
}

/** An empty form, or one with what the command line gave. */
export function chooseForm(start: ChooseStart): ChooseForm {
  const { path = '', to = '', receipt = '', countersign = false, keys } = start
  const at = path === '' ? 'path' : to === '' ? 'to' : 'start'
  return { path, to, receipt, countersign, at, keys, problems: {} }
}

/** The form after one thing more. Pure. */
export function chosen(form: ChooseForm, action: ChooseAction): ChooseForm {
  switch (action.type) {
    case 'chosen':
      return { ...without(form, 'path'), path: action.path, at: 'to' }
    case 'typed':
      return { ...without(form, action.field), [action.field]: action.text }
    case 'toggled':
      return { ...form, countersign: !form.countersign }
    case 'went': {
      const fields = fieldsOf(form)
      const at = fields.indexOf(form.at) + action.by
      return { ...form, at: fields[Math.max(0, Math.min(at, fields.length - 1))] ?? 'path' }
    }
    case 'went-to':
      return { ...form, at: action.field }
    case 'checked': {
      const { field, problem } = action
      const rest = without(form, field)
      return problem === undefined ? rest : { ...rest, problems: { ...rest.problems, [field]: problem } }
    }
  }
}

/** The fields, from above to below. */
export function fieldsOf({ keys }: Pick<ChooseForm, 'keys'>): readonly ChooseField[] {
  return keys ? ['path', 'to', 'receipt', 'countersign', 'start'] : ['path', 'to', 'start']
}

/** What the form asks for. */
export function choiceOf({ path, to, receipt, countersign }: ChooseForm): ImportChoice {
  return { path, to, ...(receipt === '' ? {} : { receipt }), ...(countersign ? { countersign } : {}) }
}

/** Fields whose text can be wrong, with it; a receipt that nobody wants is not one. */
export function checkable({ path, to, receipt }: ChooseForm): readonly (readonly [keyof ImportChoice, string])[] {
  return [['path', path], ['to', to], ...(receipt === '' ? [] : ([['receipt', receipt]] as const))]
}

function without(form: ChooseForm, field: ChooseField): ChooseForm {
  const { [field]: _, ...problems } = form.problems
  return { ...form, problems }
}
