/** One text of a step. */
export interface StepField {
  readonly name: string
  readonly label: string
  /** taken where nothing is typed */
  readonly suggestion?: string
}

/** What was said, by the names of the fields. */
export type StepValues = Readonly<Record<string, string>>

/** What is just being typed. */
export interface StepFormState {
  readonly at: number
  readonly count: number
  readonly texts: Readonly<Record<number, string>>
  readonly busy: boolean
  /** why it was not done, and what to do; printable */
  readonly problem?: readonly string[]
}

export type StepAction =
  | { readonly type: 'typed'; readonly at: number; readonly text: string }
  | { readonly type: 'went'; readonly by: 1 | -1 }
  | { readonly type: 'begun' }
  | { readonly type: 'failed'; readonly problem: readonly string[] }

export function startForm(fields: readonly StepField[]): StepFormState {
  return { at: 0, count: fields.length, texts: {}, busy: false }
}

/** The form after something was done in it. Pure. */
export function stepped({ problem, ...state }: StepFormState, action: StepAction): StepFormState {
  switch (action.type) {
    case 'typed':
      return { ...state, texts: { ...state.texts, [action.at]: action.text } }
    case 'went': {
      const at = (state.at + action.by + state.count) % state.count
      return { ...state, at, ...(problem === undefined ? {} : { problem }) }
    }
    case 'begun':
      return { ...state, busy: true }
    case 'failed':
      return { ...state, busy: false, problem: action.problem }
  }
}

/** What counts: what is typed, else what is suggested. */
export function filled(fields: readonly StepField[], texts: Readonly<Record<number, string>>): StepValues {
  return Object.fromEntries(
    fields.map(({ name, suggestion = '' }, at) => [name, (texts[at] ?? '').trim() || suggestion]),
  )
}
