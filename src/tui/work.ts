import { printable } from '../encoding/printable.js'
import { ERRORS, TransferError } from '../errors.js'
import type { Refusals } from '../import/review/review.js'
import type { Audit, ExportChoice, ImportChoice, ImportGiven, Means, WorkEnd, WorkGiven } from './means.js'
import type { Session } from './session.js'
import { isRunning, type WorkKind } from './state.js'

/** The work behind the screens: started, held, let go on and stopped here, and never in a component. */
export interface Work {
  readonly importBundle: (choice: ImportChoice) => void
  readonly exportBundle: (choice: ExportChoice) => void
  /** Opens a bundle or a receipt to be read; it lies open until `closeAudit`. */
  readonly openAudit: (path: string) => void
  readonly closeAudit: () => void
  readonly answer: (refusals: Refusals) => void
  readonly pause: (paused: boolean) => void
  /** Asks the work to end: what is there stays, and the same again goes on. */
  readonly stop: () => void
  /** Resolves when nothing is running any more. */
  readonly ended: () => Promise<void>
}

/** @param given the means, and the session that is told */
export function createWork({ means, session }: { readonly means: Means; readonly session: Session }): Work {
  let stopper = new AbortController()
  let running: Promise<void> = Promise.resolve()
  const gate = createGate()
  let answered: ((refusals: Refusals) => void) | undefined

  const closeAudit = async (): Promise<void> => {
    const { audit } = session.shown().work
    // What was only read is closed without a word, whatever the medium says about that.
    await audit?.close().catch(() => undefined)
  }
  const start = (kind: WorkKind, work: (given: WorkGiven) => Promise<WorkEnd | Audit>): void => {
    if (isRunning(session.shown().work)) return
    stopper = new AbortController()
    gate.open()
    void closeAudit()
    session.tell({ type: 'work-started', kind })
    const given = { emit: session.emit, signal: stopper.signal, ready: gate.ready }
    running = work(given)
      .catch(endOfFault)
      .then((end) => {
        if ('end' in end) session.tell({ type: 'audit-opened', audit: end })
        else session.tell({ type: 'work-ended', end })
      })
  }
  const review: ImportGiven['review'] = (asked, documents) => {
    session.tell({ type: 'review-asked', review: asked, documents })
    return new Promise((resolve, reject) => {
      answered = resolve
      const { signal } = stopper
      const stopped = (): void => reject(signal.reason)
      if (signal.aborted) stopped()
      else signal.addEventListener('abort', stopped, { once: true })
    })
  }
  return {
    importBundle(choice) {
      session.tell({ type: 'filled-in', filled: { import: choice } })
      start('import', (given) => means.importBundle(choice, { ...given, review }))
    },
    exportBundle(choice) {
      session.tell({ type: 'filled-in', filled: { export: choice } })
      start('export', (given) => means.exporting.exportBundle(choice, given))
    },
    openAudit: (path) => start('audit', (given) => means.openAudit(path, given)),
    closeAudit() {
      void closeAudit()
      session.tell({ type: 'work-left' })
    },
    answer(refusals) {
      session.tell({ type: 'review-answered', refusals })
      answered?.(refusals)
      answered = undefined
    },
    pause(paused) {
      if (paused) gate.shut()
      else gate.open()
      session.tell({ type: 'paused', paused })
    },
    stop() {
      if (stopper.signal.aborted || !isRunning(session.shown().work)) return
      session.tell({ type: 'stop-asked' })
      stopper.abort(new TransferError('ERR_CANCELLED', 'stopped before the end'))
      gate.open()
    },
    ended: () => running.then(closeAudit),
  }
}

interface Gate {
  readonly ready: () => Promise<void>
  readonly open: () => void
  readonly shut: () => void
}

function createGate(): Gate {
  let shut: Promise<void> | undefined
  let release: () => void = () => {}
  return {
    ready: () => shut ?? Promise.resolve(),
    open() {
      shut = undefined
      release()
    },
    shut() {
      shut ??= new Promise((resolve) => {
        release = resolve
      })
    },
  }
}

/** A fault as an end: what happened, and what to do next. */
export function endOfFault(cause: unknown): WorkEnd {
  const fault = cause instanceof TransferError ? cause : new TransferError('ERR_BUG', String(cause), { cause })
  const { exit, hint } = ERRORS[fault.code]
  const stopped = fault.code === 'ERR_CANCELLED'
  const headline = stopped ? 'Stopped before the end.' : `${fault.code}: ${printable(fault.message, 1500)}`
  return {
    exit: stopped ? 130 : exit,
    headline,
    good: false,
    // As the command says it: these lines are what stays in the terminal.
    lines: [headline, ...fault.details.map((line) => printable(line, 1500)), `hint: ${hint}`],
    next: [hint],
    command: '',
  }
}
