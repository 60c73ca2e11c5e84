import { Terminal } from '@xterm/headless'

export interface DrawnSize {
  readonly columns: number
  readonly rows: number
}

/** Colours and other looks: all that Ink may write beside text. */
const LOOKS = /\u001b\[[0-9;:]*m/g
/** What may not come to a terminal, and marks that run over the lines around. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]|\p{M}{5}|^\p{M}/u

/** Ink cuts one column too late within a wide character; a terminal that does not wrap draws that over the last column. */
const INK_IS_OFF_BY = 1

/** What is wrong with a picture: sentences, none where it is drawn well. Widths are those that a terminal gives it. */
export async function misdrawn(screen: readonly string[], { columns, rows }: DrawnSize): Promise<readonly string[]> {
  const found: string[] = []
  if (screen.length > rows) found.push(`${screen.length} lines in ${rows} rows`)
  for (const [at, line] of screen.entries()) {
    const text = line.replace(LOOKS, '')
    const unsafe = UNSAFE.exec(text)?.[0]
    if (unsafe !== undefined) found.push(`line ${at} has ${JSON.stringify(unsafe)}: ${JSON.stringify(text)}`)
    const width = await widthOf(text)
    if (width > columns + INK_IS_OFF_BY) found.push(`line ${at} is ${width} columns wide, of ${columns}: ${text}`)
  }
  return found
}

async function widthOf(text: string): Promise<number> {
  const terminal = new Terminal({ cols: 1000, rows: 2, allowProposedApi: true })
  await new Promise<void>((resolve) => terminal.write(text, resolve))
  const { cursorX, cursorY } = terminal.buffer.active
  terminal.dispose()
  return cursorX + cursorY * 1000
}
