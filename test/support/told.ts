import type { PtyProgram } from './pty.js'

/** What a person does who has only the screen: waits until it says something, and does what it says. */
export interface Told {
  /** a heading of the transcript, where something begins */
  readonly title?: string
  /** the screen says this, and by that what comes next */
  readonly sees: string | RegExp
  /** keys that are named on the screen, or a text that it asks for: found on a screen where it must be read from one */
  readonly press: readonly (string | ((read: ReadonlyMap<string, string>) => string))[]
  /** how the transcript names what was pressed */
  readonly named: string
  /** what the person notes down from this screen: the first group of the expression */
  readonly notes?: Readonly<Record<string, RegExp>>
  /** a picture of this screen is kept under this name */
  readonly picture?: string
}

export interface Seen {
  readonly told: Told
  readonly screen: readonly string[]
}

/** Does what the screen says, step by step. @returns every screen on which something was pressed */
export async function followScreen(
  program: PtyProgram,
  steps: readonly Told[],
  onSeen: (seen: Seen) => void = () => {},
): Promise<Seen[]> {
  const read = new Map<string, string>()
  const seen: Seen[] = []
  for (const told of steps) {
    await program.sees(told.sees)
    // The rest of the same picture may come with the next bytes.
    await new Promise((resolve) => setTimeout(resolve, 300))
    const screen = program.screen()
    seen.push({ told, screen })
    onSeen({ told, screen })
    for (const [name, expression] of Object.entries(told.notes ?? {})) {
      const found = expression.exec(screen.join('\n'))?.[1]
      if (found === undefined) throw new Error(`the screen does not tell the ${name}:\n${screen.join('\n')}`)
      read.set(name, found)
    }
    for (const key of told.press) program.press(typeof key === 'string' ? key : key(read))
  }
  return seen
}
