/** A command that a document shows, and lines that it says will come of it. */
export interface DocCommand {
  readonly command: string
  /** Each line with `…` standing for anything; they come in this order, perhaps with others between them. */
  readonly shows: readonly string[]
  /** It ends with ` &`: the next command needs it to be ready. */
  readonly background: boolean
}

/**
 * The commands of a document's blocks that are marked ```console run. A line that begins with `$ ` is a command, and goes
 * on in the next line after a backslash, or to the end of its here-document; everything else is what it prints.
 */
export function commandsIn(markdown: string): DocCommand[] {
  const blocks = markdown.matchAll(/^( *)```console run\n(.*?)^\1```$/gms)
  return [...blocks].flatMap(([, indent = '', body = '']) => {
    const text = body.replaceAll(new RegExp(`^${indent}`, 'gm'), '').replaceAll(/\\\n\s*/g, '')
    return text
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [line, shows] = divided(part.split('\n').map((one) => one.trimEnd()))
        const background = line.endsWith(' &')
        return { command: line.replace(/ &$/, ''), background, shows: shows.filter((one) => one !== '') }
      })
  })
}

function divided(lines: readonly string[]): readonly [string, readonly string[]] {
  const [first = ''] = lines
  const end = /<<'([A-Z]+)'/.exec(first)?.[1]
  const upTo = end === undefined ? 1 : lines.indexOf(end) + 1
  return [lines.slice(0, upTo).join('\n'), lines.slice(upTo)]
}

/** The first line that a document promises and that did not come, or undefined. */
export function missingLine(shows: readonly string[], output: string): string | undefined {
  let rest = output.split('\n')
  for (const line of shows) {
    const pattern = new RegExp(`^${line.split('…').map(escaped).join('.*')}\\s*$`)
    const at = rest.findIndex((one) => pattern.test(one))
    if (at < 0) return line
    rest = rest.slice(at + 1)
  }
  return undefined
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
