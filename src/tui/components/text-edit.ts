/** A text that is being typed, and where the cursor stands in it, in code units. */
export interface EditedText {
  readonly value: string
  readonly cursor: number
}

export type Edit =
  | { readonly type: 'insert'; readonly text: string; readonly max: number }
  | { readonly type: 'left' | 'right' | 'start' | 'end' | 'delete' }

// A character with the marks that are drawn over it.
const STEP = /\P{M}\p{M}*|\p{M}+/gu

// What would move the cursor, or start an escape sequence, where the text is shown or kept.
const CONTROLS = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu

/** A text with the cursor at its end. */
export function editedText(value: string): EditedText {
  return { value, cursor: value.length }
}

/** One key more. A letter with its accents is one step of the cursor; what is pasted loses its control characters. Pure. */
export function edited(text: EditedText, edit: Edit): EditedText {
  const { value, cursor } = text
  switch (edit.type) {
    case 'insert': {
      const added = edit.text.replace(CONTROLS, '').slice(0, Math.max(0, edit.max - value.length))
      return { value: value.slice(0, cursor) + added + value.slice(cursor), cursor: cursor + added.length }
    }
    case 'left':
      return { value, cursor: before(text) }
    case 'right':
      return { value, cursor: after(text) }
    case 'start':
      return { value, cursor: 0 }
    case 'end':
      return { value, cursor: value.length }
    case 'delete': {
      const from = before(text)
      return { value: value.slice(0, from) + value.slice(cursor), cursor: from }
    }
  }
}

function before({ value, cursor }: EditedText): number {
  return cursor - (value.slice(0, cursor).match(STEP)?.at(-1)?.length ?? 0)
}

function after({ value, cursor }: EditedText): number {
  return cursor + (value.slice(cursor).match(STEP)?.[0].length ?? 0)
}
