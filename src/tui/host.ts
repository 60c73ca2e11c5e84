/** The program around the screens. Whoever listens is given back what ends that. */
export interface Host {
  /** What Ctrl+C does to a program: the first time it is asked to stop, the second time it ends. */
  readonly interrupt: () => void
  /** Stops the whole program, as Ctrl+Z does, until it is continued. */
  readonly suspend: () => void
  /** Told when somebody else wants it stopped. */
  readonly onSuspend: (listener: () => void) => () => void
  readonly onContinue: (listener: () => void) => () => void
  /** Told of what nobody caught. */
  readonly onFault: (listener: (cause: unknown) => void) => () => void
  /** Told when the program ends, whatever ends it. Nothing can wait any more. */
  readonly onExit: (listener: () => void) => () => void
}
