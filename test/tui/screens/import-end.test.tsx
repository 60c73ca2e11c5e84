import { describe, expect, test } from 'vitest'
import type { ImportGiven, WorkEnd } from '../../../src/tui/means.js'
import { openedAt } from '../../support/screens.js'

const END: WorkEnd = {
  exit: 4,
  headline: 'NOT LOADED (refused): nothing has been written anywhere',
  good: false,
  outcome: ['release.tar is NOT LOADED: no signature'],
  lines: Array.from({ length: 60 }, (_, at) => `fact ${at} of sha256:${'0'.repeat(64)}`),
  next: ['ask the exporter for the signatures that the policy wants'],
  command: "waybill import 'a b.tar' --to 127.0.0.1:5000",
}

/** Screens with an import that does what the test says. */
function importing(work: (given: ImportGiven) => Promise<WorkEnd>, size: { columns?: number; rows?: number } = {}) {
  return openedAt('import', {
    ...size,
    list: async () => [{ name: 'a.tar', path: '/media/usb/a.tar', kind: 'bundle', size: 10 }],
    importBundle: (_, given) => work(given),
  })
}

async function started(screens: ReturnType<typeof importing>): Promise<void> {
  await screens.sees('a.tar')
  await screens.press('\r')
  await screens.sees('› Target')
  await screens.press('host', '\r')
  await screens.sees('› Verify')
  await screens.press('\r')
}

function untilStopped({ signal }: ImportGiven): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
}

describe('an import that runs', () => {
  test('shows what is verified, and holds still while it is paused', async () => {
    const screens = importing(async (given) => {
      given.emit({ type: 'stage-started', stage: 'verify' })
      given.emit({ type: 'checked', check: 'signature', subject: 'wabbit\u001b[2J', result: 'pass' })
      given.emit({ type: 'checked', check: 'state', subject: 'stream', result: 'fail' })
      return await untilStopped(given)
    })

    await started(screens)
    await screens.sees(/signature +ok/)
    await screens.sees(/state +FAIL/)
    await screens.press('p')
    await screens.sees('Paused')
    await screens.press('p')
    await screens.gone('Paused')
  })

  test('is stopped when that is said twice, and says what is left', async () => {
    const screens = importing(untilStopped)

    await started(screens)
    await screens.sees('verifying')
    await screens.press('s')
    await screens.sees('Nothing has been written')
    await screens.press('\r')
    await screens.gone('Nothing has been written')
    await screens.press('s')
    await screens.sees('y: yes')
    await screens.press('y')

    await screens.sees('Stopped before the end.')
  })
})

describe('the end of an import', () => {
  test.each([
    [80, 24],
    [40, 15],
  ])('says how it ended, what to do next, and all of it in pages, at %i×%i', async (columns, rows) => {
    const screens = importing(async () => END, { columns, rows })

    await started(screens)
    await screens.sees('NOT LOADED')
    expect(screens.screen()).toHaveLength(rows - 1)
    await screens.sees('ask the exporter')
    await screens.press('/')
    await screens.sees('Search:')
    await screens.press('fact 59', '\r')
    await screens.sees('fact 59 of')
    await screens.press('g')
    await screens.sees('ask the exporter')
    await screens.press('\r')

    await screens.sees('What do you want to do?')
    expect(screens.session.shown()).toMatchObject({ left: { exit: 4 }, work: { phase: 'idle' } })
  })

  test('says which fault ended it, and what helps', async () => {
    const screens = importing(async () => {
      throw new Error('a bug')
    })

    await started(screens)
    await screens.sees('ERR_BUG')
    expect(screens.session.shown().work.end?.lines).toEqual(['ERR_BUG: Error: a bug', expect.stringMatching(/^hint: /)])
    await screens.press('\u001b')
    await screens.sees('What do you want to do?')
  })

  test.each([
    [false, /Bundle +\/media\/usb\/a\.tar/],
    [true, 'which bundle?'],
  ])('leaves filled in what the next one needs, where it was good: %s', async (good, then) => {
    const screens = importing(async () => ({ ...END, good }))

    await started(screens)
    await screens.sees('NOT LOADED')
    await screens.press('\r')
    await screens.sees('What do you want to do?')
    await screens.press('\u001b[B', '\r')

    await screens.sees(then)
    if (good) await screens.press('\r')
    await screens.sees(/Target +host/)
  })
})
