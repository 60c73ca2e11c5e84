import { Text } from 'ink'
import { useState } from 'react'
import { expect, test } from 'vitest'
import { useKeys } from '../../src/tui/use-keys.js'
import { TypedKeys } from '../../src/tui/use-typed.js'
import { drawAt } from '../support/frames.js'

function Second() {
  const [count, setCount] = useState(0)
  useKeys({ places: ['list'], on: () => setCount(count + 1) })
  return <Text>second {count}</Text>
}

function First() {
  const [next, setNext] = useState(false)
  useKeys({ places: ['list'], active: !next, on: () => setNext(true) })
  return next ? <Second /> : <Text>first</Text>
}

// Often: what is drawn too late for the next key is so now and then, on a busy machine.
test('keys that come together each find the screen that the one before has opened', { repeats: 40 }, async () => {
  const frames = drawAt(
    <TypedKeys>
      <First />
    </TypedKeys>,
  )

  await frames.press('\u001b[B\u001b[B\u001b[B')

  await frames.sees('second 2')
  expect(frames.screen()).toHaveLength(1)
})
