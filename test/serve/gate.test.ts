import { expect, test } from 'vitest'
import { Gate, Lanes } from '../../src/serve/gate.js'
import { opened } from './opened.js'

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('additions run side by side', async () => {
  const gate = new Gate()
  const [first, second] = [opened(), opened()]
  const log: string[] = []

  const adding = [
    gate.add(async () => {
      log.push('first')
      second.open()
      await first.promise
    }),
    gate.add(async () => {
      await second.promise
      log.push('second')
      first.open()
    }),
  ]
  await Promise.all(adding)

  expect(log).toEqual(['first', 'second'])
})

test('a removal waits for additions, and additions that come later wait for it', async () => {
  const gate = new Gate()
  const [adding, removing] = [opened(), opened()]
  const log: string[] = []
  const all = [
    gate.add(async () => {
      await adding.promise
      log.push('added')
    }),
    gate.remove(async () => {
      log.push('removing')
      await removing.promise
      log.push('removed')
    }),
    gate.add(async () => log.push('added later')),
    gate.remove(async () => log.push('removed later')),
  ]

  await soon()
  expect(log).toEqual([])
  adding.open()
  await soon()
  expect(log).toEqual(['added', 'removing'])
  removing.open()
  await Promise.all(all)

  expect(log.slice(0, 3)).toEqual(['added', 'removing', 'removed'])
  expect(log).toHaveLength(5)
})

test('a failure opens the gate again', async () => {
  const gate = new Gate()
  const fail = async (): Promise<never> => {
    throw new Error('disk')
  }

  await expect(gate.remove(fail)).rejects.toThrow('disk')
  await expect(gate.add(fail)).rejects.toThrow('disk')

  await expect(gate.remove(async () => 1)).resolves.toBe(1)
})

test('lanes run no more than their number at a time, and go on after a failure', async () => {
  const lanes = new Lanes(2)
  let running = 0
  let most = 0
  const work = (fails: boolean) => async (): Promise<void> => {
    running += 1
    most = Math.max(most, running)
    await soon()
    running -= 1
    if (fails) throw new Error('one')
  }

  const results = await Promise.allSettled([false, true, true, false, false].map((fails) => lanes.run(work(fails))))

  expect(most).toBe(2)
  expect(results.map(({ status }) => status).filter((status) => status === 'fulfilled')).toHaveLength(3)
})
