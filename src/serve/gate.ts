/**
 * Lets additions run side by side, and a removal alone: what an addition found to be there is still there when it is
 * done, so that no manifest is stored while the blob that it names is being deleted.
 */
export class Gate {
  readonly #running = new Set<Promise<unknown>>()
  #closed: Promise<void> | undefined

  async add<T>(work: () => Promise<T>): Promise<T> {
    while (this.#closed !== undefined) await this.#closed
    const task = work()
    this.#running.add(task)
    try {
      return await task
    } finally {
      this.#running.delete(task)
    }
  }

  async remove<T>(work: () => Promise<T>): Promise<T> {
    while (this.#closed !== undefined) await this.#closed
    let open: () => void = () => {}
    this.#closed = new Promise((resolve) => {
      open = resolve
    })
    try {
      await Promise.allSettled(this.#running)
      return await work()
    } finally {
      this.#closed = undefined
      open()
    }
  }
}

/** Runs at most `limit` pieces of work at a time; the others wait in the order in which they came. */
export class Lanes {
  readonly #limit: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limit) this.#running += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }
}
