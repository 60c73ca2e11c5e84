import { expect, it } from 'vitest'
import { AnswerBody } from '../../src/registry/answer-body.js'

const MiB = 1024 * 1024

function aBody() {
  const calls: string[] = []
  const body = new AnswerBody({
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
    abort: () => calls.push('abort'),
  })
  return { body, calls }
}

it('gives pieces in their order, whether they come before or after they are asked for', async () => {
  const { body } = aBody()
  body.push(Buffer.from('a'))
  const first = await body.next()
  const second = body.next()
  body.push(Buffer.from('b'))
  body.push(Buffer.from('c'))
  body.end()

  const rest = [await second, await body.next(), await body.next(), await body.next()]

  expect([first, ...rest].map(({ value }) => value?.toString())).toEqual(['a', 'b', 'c', undefined, undefined])
})

it('holds the socket back when nobody reads, and lets it go on when somebody does', async () => {
  const { body, calls } = aBody()
  for (let at = 0; at < 20; at += 1) body.push(new Uint8Array(MiB / 10))
  expect(calls).toEqual(['pause'])

  for (let at = 0; at < 20; at += 1) await body.next()

  expect(calls).toEqual(['pause', 'resume'])
})

it('gives what came before a failure, then the failure', async () => {
  const { body } = aBody()
  body.push(Buffer.from('a'))
  body.fail(new Error('reset'))

  expect((await body.next()).done).toBe(false)
  await expect(body.next()).rejects.toThrow('reset')
})

it('ends a request of which the rest is not wanted, and no other', async () => {
  const ended = aBody()
  ended.body.push(Buffer.from('a'))
  ended.body.end()
  const open = aBody()
  open.body.push(Buffer.from('a'))

  await ended.body.return()
  await open.body.return()

  expect(ended.calls).toEqual([])
  expect(open.calls).toEqual(['abort'])
  expect((await open.body.next()).done).toBe(true)
})

it('reads no more than it is told to', async () => {
  const { body, calls } = aBody()
  body.push(Buffer.alloc(10))
  body.push(Buffer.alloc(10))

  const { bytes, whole } = await body.read(15)

  expect([bytes.byteLength, whole, calls]).toEqual([15, false, ['abort']])
})
