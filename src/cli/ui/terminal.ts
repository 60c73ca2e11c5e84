import type { Screens } from '../context.js'
import { endWithTerminal, hostOf, type Interrupt } from './host.js'

type Environment = Record<string, string | undefined>

export interface Around {
  readonly env: Environment
  readonly interrupt: Interrupt
}

/**
 * The terminal of this program, where there is one that a person looks at: not a pipe, not a job of CI, and one that can
 * move its cursor. Undefined else: then there are plain lines.
 */
export function terminalFor(program: NodeJS.Process, { env, interrupt }: Around): Screens | undefined {
  const { stdin, stdout, stderr } = program
  if (!stdin.isTTY || !stdout.isTTY || env['TERM'] === 'dumb' || isInCi(env)) return undefined
  return {
    stdin,
    stdout,
    stderr,
    host: hostOf(program, interrupt),
    // The second is what Ink's other programs listen to.
    screenReader: Boolean(env['WAYBILL_SCREEN_READER']) || env['INK_SCREEN_READER'] === 'true',
    beforeLoading() {
      // https://no-color.org: the library of colours, which reads its wishes when it is loaded, knows another variable only.
      if (env['NO_COLOR']) env['FORCE_COLOR'] = '0'
      endWithTerminal(program, interrupt)
    },
    write: (lines) => stdout.write(lines.map((line) => `${line}\n`).join('')),
  }
}

/** As Ink asks; it draws nothing there before its end. */
function isInCi(env: Environment): boolean {
  const said = env['CI']
  if (said === '0' || said === 'false') return false
  return (
    said !== undefined || 'CONTINUOUS_INTEGRATION' in env || Object.keys(env).some((name) => name.startsWith('CI_'))
  )
}
