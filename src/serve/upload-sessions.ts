import { randomBytes } from 'node:crypto'
import type { DigestAlgorithm } from '../oci/digest.js'
import { Lanes } from './gate.js'
import { Refusal } from './refusal.js'
import type { UploadFile, UploadFiles } from './upload-file.js'

/** An upload in several requests. It belongs to one repository, and one request at a time works on it. */
export class UploadSession {
  readonly id = randomBytes(16).toString('hex')
  readonly repository: string
  readonly turns = new Lanes(1)
  readonly #algorithm: DigestAlgorithm
  readonly #files: UploadFiles
  #file: UploadFile | undefined
  timer: NodeJS.Timeout | undefined
  /** requests that work on it or wait to */
  users = 0

  constructor(repository: string, algorithm: DigestAlgorithm, files: UploadFiles) {
    this.repository = repository
    this.#algorithm = algorithm
    this.#files = files
  }

  /** bytes received so far */
  get size(): number {
    return this.#file?.size ?? 0
  }

  /** The file, made when the first byte is about to arrive: a session that is never used costs nothing on disk. */
  async file(size?: number): Promise<UploadFile> {
    this.#file ??= await this.#files.open({ algorithm: this.#algorithm, size })
    return this.#file
  }

  get broken(): boolean {
    return this.#file?.broken ?? false
  }

  async discard(): Promise<void> {
    await this.#file?.discard()
  }
}

export interface SessionLimits {
  readonly max: number
  /** A session that nothing happened to for this long is cancelled. */
  readonly idleMs: number
}

export class UploadSessions {
  readonly #files: UploadFiles
  readonly #limits: SessionLimits
  /** the least recently used first */
  readonly #sessions = new Map<string, UploadSession>()

  constructor(files: UploadFiles, limits: SessionLimits) {
    this.#files = files
    this.#limits = limits
  }

  /** @throws Refusal 429 where as many uploads as there may be are all being written to */
  async start(repository: string, algorithm: DigestAlgorithm): Promise<UploadSession> {
    while (this.#sessions.size >= this.#limits.max) {
      const idle = [...this.#sessions.values()].find((session) => session.users === 0)
      if (idle === undefined) {
        throw new Refusal(429, 'TOOMANYREQUESTS', 'too many uploads are under way', { 'Retry-After': '5' })
      }
      await this.cancel(idle)
    }
    const session = new UploadSession(repository, algorithm, this.#files)
    this.#sessions.set(session.id, session)
    this.#watch(session)
    return session
  }

  /**
   * Works on a session when nobody else does.
   * @throws Refusal 404 BLOB_UPLOAD_UNKNOWN, also where the session belongs to another repository
   */
  async use<T>(id: string, repository: string, work: (session: UploadSession) => Promise<T>): Promise<T> {
    const session = this.#sessions.get(id)
    if (session === undefined || session.repository !== repository) throw unknownUpload()
    clearTimeout(session.timer)
    session.users += 1
    try {
      return await session.turns.run(async () => {
        if (!this.#isOpen(session)) throw unknownUpload()
        return await work(session)
      })
    } finally {
      session.users -= 1
      if (session.users === 0 && this.#isOpen(session)) this.#watch(session)
    }
  }

  /** Takes the session away; its file is the caller's. */
  end(session: UploadSession): void {
    clearTimeout(session.timer)
    this.#sessions.delete(session.id)
  }

  async cancel(session: UploadSession): Promise<void> {
    this.end(session)
    await session.discard()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => this.cancel(session)))
  }

  #isOpen(session: UploadSession): boolean {
    return this.#sessions.get(session.id) === session
  }

  #watch(session: UploadSession): void {
    this.#sessions.delete(session.id)
    this.#sessions.set(session.id, session)
    session.timer = setTimeout(() => {
      // A file that cannot be removed now is swept away at the next start.
      this.cancel(session).catch(() => {})
    }, this.#limits.idleMs)
    session.timer.unref()
  }
}

function unknownUpload(): Refusal {
  return new Refusal(404, 'BLOB_UPLOAD_UNKNOWN', 'there is no such upload; it may have ended or expired')
}
