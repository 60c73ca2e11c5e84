import { render } from 'ink-testing-library'
import { expect, test } from 'vitest'
import { App } from '../../src/tui/app.js'
import { createSession } from '../../src/tui/session.js'
import { startState } from '../../src/tui/state.js'
import { createWork } from '../../src/tui/work.js'
import { meansWith, NO_DOCUMENTS } from '../support/screen-means.js'

/** Draws as Ink's own testing library does: a hundred columns, twenty-four rows. */
function opened() {
  const end = { exit: 0, headline: 'LOADED', good: true, lines: ['LOADED'], next: [], command: 'waybill import a' }
  const means = meansWith({
    list: async () => [{ name: 'a.tar', path: '/media/usb/a.tar', kind: 'bundle', size: 2000 }],
    importBundle: async (_, { review }) => {
      const seen = {
        bundle: { id: 'bundle', kind: 'bundle', label: 'signed', verdict: 'pass', details: [], children: [] },
        artifacts: [{ id: 'a', kind: 'artifact', label: 'a:v1', verdict: 'pass', details: [], children: [], root: 0 }],
        removed: [],
        size: 2000,
        admitted: true,
      } as const
      const refusals = await review(seen, NO_DOCUMENTS)
      return { ...end, headline: `LOADED without ${refusals.size}` }
    },
  })
  const session = createSession(startState('home'), { now: means.now })
  const work = createWork({ means, session })
  const { lastFrame, stdin, frames } = render(<App {...{ session, work, means, onQuit: () => {} }} />)
  return {
    frames,
    sees: (what: string) => expect.poll(() => lastFrame(), { timeout: 10_000 }).toContain(what),
    press: (key: string) => stdin.write(key),
  }
}

test('an import goes through its screens in the frames of the testing library', async () => {
  const { sees, press } = opened()

  await sees('› First steps')
  press('\u001b[B')
  await sees('› Import')
  press('\r')
  await sees('› bundle')
  press('\r')
  await sees('› Target')
  press('registry.example')
  await sees('registry.example')
  press('\r')
  await sees('› Verify')
  press('\r')
  await sees('a:v1')
  press('L')

  await sees('LOADED without 0')
})

test('the help comes and goes over a screen that stays as it is', async () => {
  const { sees, press } = opened()

  await sees('What do you want to do?')
  press('?')
  await sees('Always')
  press('?')

  await sees('What do you want to do?')
})
