/** One way of logging in that a registry offers (RFC 9110 section 11.6.1). */
export interface Challenge {
  /** in lower case */
  readonly scheme: string
  /** names in lower case; of a name that comes twice, the first */
  readonly parameters: ReadonlyMap<string, string>
}

const SEPARATORS = /[ \t,]*/y
const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const EQUALS = /[ \t]*=[ \t]*/y
const QUOTED = /"((?:[^"\\]|\\.)*)"/y
const SPACES = /[ \t]*/y
// Whatever is not followed by a comma or the end is the name of a parameter instead.
const TOKEN68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y

/**
 * Parses `WWW-Authenticate`: several headers, several schemes in one header, quoted pairs, schemes without parameters.
 * Stops at what cannot be parsed and gives what came before it.
 */
export function parseChallenges(headers: readonly string[]): Challenge[] {
  return headers.flatMap((header) => new ChallengeReader(header).challenges())
}

class ChallengeReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  challenges(): Challenge[] {
    const found: { scheme: string; parameters: Map<string, string> }[] = []
    for (;;) {
      this.#match(SEPARATORS)
      const word = this.#match(TOKEN)
      if (word === undefined) return found
      const isParameter = this.#match(EQUALS) !== undefined
      if (!isParameter) {
        found.push({ scheme: word.toLowerCase(), parameters: new Map() })
        this.#match(SPACES)
        this.#match(TOKEN68)
        continue
      }
      const value = this.#value()
      const parameters = found.at(-1)?.parameters
      if (value === undefined || parameters === undefined) return found
      if (!parameters.has(word.toLowerCase())) parameters.set(word.toLowerCase(), value)
    }
  }

  #value(): string | undefined {
    const quoted = this.#match(QUOTED)
    if (quoted === undefined) return this.#match(TOKEN)
    return quoted.slice(1, -1).replace(/\\(.)/g, '$1')
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }
}
