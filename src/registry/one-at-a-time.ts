/** Runs what has the same key one after the other, in the order it came. */
export class OneAtATime {
  readonly #last = new Map<string, Promise<void>>()

  async run(key: string, work: () => Promise<void>): Promise<void> {
    const before = this.#last.get(key) ?? Promise.resolve()
    const mine = before.then(work, work) // a failure before us is not ours
    this.#last.set(key, mine)
    try {
      await mine
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key)
    }
  }
}
