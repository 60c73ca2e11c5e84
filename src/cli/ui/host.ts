import { closeSync } from 'node:fs'
import type { Host } from '../../tui/host.js'

/** What a signal does to this program: the first asks it to stop, the second ends it. */
export type Interrupt = (signal: 'SIGHUP' | 'SIGINT' | 'SIGQUIT' | 'SIGTERM') => void

/** A program that is continued at once has not been stopped: nobody could continue it. */
const STOPPED_MS = 100

/** This program as the screens see it. */
export function hostOf(program: NodeJS.Process, interrupt: Interrupt): Host {
  const listen = (add: () => unknown, remove: () => unknown): (() => void) => {
    add()
    return () => void remove()
  }
  let asked: (() => void) | undefined
  const continued = new Set<() => void>()
  const again = (): void => {
    if (asked !== undefined) program.on('SIGTSTP', asked)
    for (const listener of [...continued]) listener()
  }
  return {
    interrupt: () => interrupt('SIGINT'),
    suspend() {
      // Without a listener the signal stops the program, and all that it started.
      if (asked !== undefined) program.off('SIGTSTP', asked)
      setTimeout(again, STOPPED_MS)
      program.kill(0, 'SIGTSTP')
    },
    onSuspend: (listener) => {
      asked = listener
      return listen(
        () => program.on('SIGTSTP', listener),
        () => {
          asked = undefined
          program.off('SIGTSTP', listener)
        },
      )
    },
    onContinue: (listener) => {
      const heard = (): void => listener()
      return listen(
        () => continued.add(listener) && program.on('SIGCONT', heard),
        () => continued.delete(listener) && program.off('SIGCONT', heard),
      )
    },
    // A promise that nobody waited for comes here, too.
    onFault: (listener) =>
      listen(
        () => program.on('uncaughtException', listener),
        () => program.off('uncaughtException', listener),
      ),
    onExit: (listener) =>
      listen(
        () => program.on('exit', listener),
        () => program.off('exit', listener),
      ),
  }
}

/**
 * A terminal that goes away ends the screens. Not said to commands without screens: they may have been started so that
 * they outlive the terminal (`nohup`).
 */
export function endWithTerminal(program: NodeJS.Process, interrupt: Interrupt): void {
  // It goes away once, and is told by shells, the kernel and every stream.
  let gone = false
  const lost = (): void => {
    if (!gone) interrupt('SIGHUP')
    gone = true
  }
  program.on('SIGHUP', lost)
  program.on('SIGQUIT', () => interrupt('SIGQUIT'))
  program.stdin.on('end', lost)
  program.stdin.on('error', lost)
  program.stdout.on('error', lost)
  program.on('exit', () => {
    if (gone) closeTerminals(program)
  })
}

/** Node sets a terminal at its end as it found it, and aborts (SIGABRT) where that is gone; not where it is closed. */
function closeTerminals({ stdin, stdout, stderr }: NodeJS.Process): void {
  for (const { isTTY, fd } of [stdin, stdout, stderr]) if (isTTY) closeSync(fd)
}
