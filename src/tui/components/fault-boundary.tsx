import { Component, type ReactNode } from 'react'

export interface FaultBoundaryProps {
  /** told once what a component threw, from within React: what follows from it has to wait */
  readonly onFault: (cause: unknown) => void
  readonly children: ReactNode
}

/** Draws nothing any more when something below it throws. Ink's own would draw the stack, with files of this machine. */
export class FaultBoundary extends Component<FaultBoundaryProps, { readonly failed: boolean }> {
  static getDerivedStateFromError(): { readonly failed: boolean } {
    return { failed: true }
  }

  override state = { failed: false }

  override componentDidCatch(cause: unknown): void {
    this.props.onFault(cause)
  }

  override render(): ReactNode {
    return this.state.failed ? null : this.props.children
  }
}
