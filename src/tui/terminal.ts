/** The alternate screen, empty, with the cursor at its start: what was on the terminal is untouched below it. */
export const ENTER_SCREEN = '\u001b[?1049h\u001b[2J\u001b[H'

/** Back to what was there, with the cursor to be seen. Harmless where it was said before. */
export const LEAVE_SCREEN = '\u001b[?25h\u001b[?1049l'
