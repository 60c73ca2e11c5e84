import { inspect } from 'node:util'

/** A password or token that cannot be printed by accident: `[secret]` in templates, JSON and `util.inspect`. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself; only for the header or form that carries it. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [inspect.custom](): string {
    return '[secret]'
  }
}
