import type { ReviewChange, ReviewVerdict } from '../import/review/review.js'

/** How a verdict is written: as a word, since colours cannot be read aloud, and are not there with NO_COLOR. */
export const VERDICTS: Readonly<Record<ReviewVerdict, { readonly word: string; readonly color: string }>> = {
  pass: { word: 'ok', color: 'green' },
  fail: { word: 'FAIL', color: 'red' },
  logged: { word: 'logged', color: 'yellow' },
  note: { word: '', color: 'gray' },
}

export const CHANGES: Readonly<Record<ReviewChange, { readonly word: string; readonly color: string }>> = {
  new: { word: 'new', color: 'cyan' },
  same: { word: 'same', color: 'gray' },
  moved: { word: 'moved', color: 'yellow' },
  removed: { word: 'removed', color: 'magenta' },
}

export const ACCENT = 'cyan'
